//! Compares two versions of a server.

use std::cmp::Reverse;

use jackfield_diff::Class;

use super::one::{Difference, DifferenceKind};
use super::{packages, remotes};
use crate::entry::official::Status;
use crate::entry::server::Entry;

/// Returns what a version declares otherwise than an older one, the worst class first.
pub fn differences(old: &Entry, new: &Entry) -> Vec<Difference> {
    let mut differences = Vec::new();
    packages::compare(&old.packages, &new.packages, &mut differences);
    remotes::compare(&old.remotes, &new.remotes, &mut differences);
    compare_facts(old, new, &mut differences);
    differences.sort_by_key(|difference| Reverse(difference.class));
    differences
}

fn compare_facts(old: &Entry, new: &Entry, differences: &mut Vec<Difference>) {
    let name = new.name.as_str();
    let (before, after) = (old.official.status, new.official.status);
    if before != after {
        let class = match after {
            Status::Active => Class::Behaviour,
            Status::Deprecated => Class::Behaviour,
            Status::Deleted => Class::Breaking,
        };
        let message = new.official.status_message.as_deref();
        let change =
            message.map_or("has another status".to_owned(), |it| format!("has another status ({it})"));
        let change = jackfield_recipe::visible_line(&change).into_owned();
        differences.push(
            Difference::new(class, DifferenceKind::Status, name, &change)
                .values(Some(before.as_str()), Some(after.as_str())),
        );
    }
    let repository = |entry: &'_ Entry| entry.repository.as_ref().map(|it| (it.url.clone(), it.id.clone()));
    if repository(old) != repository(new) {
        let url = |entry: &'_ Entry| entry.repository.as_ref().map(|it| it.url.clone());
        let (before, after) = (url(old), url(new));
        // A repository that was deleted and created again has the same URL and another identifier.
        let change = if before == after { "is another repository at the same URL" } else { "has moved" };
        differences.push(
            Difference::new(Class::Security, DifferenceKind::Repository, name, change)
                .values(before.as_deref(), after.as_deref()),
        );
    }
    for (subject, before, after) in [
        ("title", old.title.as_deref(), new.title.as_deref()),
        ("description", Some(old.description.as_str()), Some(new.description.as_str())),
        ("website", old.website.as_deref(), new.website.as_deref()),
    ] {
        if before != after {
            differences.push(
                Difference::new(Class::Wording, DifferenceKind::Text, subject, "has changed")
                    .values(before, after),
            );
        }
    }
}
