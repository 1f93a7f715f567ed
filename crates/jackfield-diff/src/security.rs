//! The differences between the credentials that a tool needs.

use std::collections::BTreeSet;

use jackfield_model::Requirement;

use crate::change::Change;
use crate::{Class, Kind, Phrase};

/// Schemes that are needed together, each with its scopes.
type Alternative<'m> = Vec<(&'m str, BTreeSet<&'m str>)>;

/// Compares the alternatives of a tool.
pub(crate) fn compare(old: &[Requirement], new: &[Requirement], found: &mut Vec<Change>) {
    let (mut before, mut after) = (alternatives(old), alternatives(new));
    if before == after {
        return;
    }
    let [was_open, is_open] = [&before, &after].map(|list| list.is_empty() || list.iter().any(Vec::is_empty));
    let had_needs = before.iter().any(|one| !one.is_empty());
    if was_open && !is_open {
        let mut phrase = Phrase::of(["now needs a credential: "]);
        let names: Vec<String> = after.iter().map(|one| words(one)).collect();
        phrase.list(names.iter().map(String::as_str), 5);
        found.push(Change::new(Class::Breaking, Kind::Credentials, phrase));
    }
    if is_open && !was_open {
        let phrase = Phrase::of(["works without a credential now"]);
        found.push(Change::new(Class::Security, Kind::Credentials, phrase));
    }
    for list in [&mut before, &mut after] {
        list.retain(|one| !one.is_empty());
    }
    let same_order = before.len() == after.len();
    let (listed, next_listed) = (before.clone(), after.clone());
    // Equal alternatives are paired first, then alternatives with the same schemes.
    before.retain(|one| match after.iter().position(|other| other == one) {
        Some(at) => {
            after.remove(at);
            false
        }
        None => true,
    });
    if before.is_empty() && after.is_empty() && same_order && listed != next_listed {
        let [old, new] = [&listed, &next_listed]
            .map(|list| list.iter().map(|one| words(one)).collect::<Vec<_>>().join(" or "));
        let order = "order of credentials";
        found.push(Change::value(Class::Behaviour, Kind::Credentials, order, Some(&old), Some(&new)));
    }
    before.retain(|one| {
        let names =
            |list: &Alternative<'_>| list.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
        let Some(at) = after.iter().position(|other| names(other) == names(one)) else { return true };
        scopes(one, &after.remove(at), found);
        false
    });
    // If the new tool needs no credential, the line above already says so.
    let has_needs = next_listed.iter().any(|one| !one.is_empty());
    for one in before.iter().filter(|_| has_needs || was_open) {
        let phrase = Phrase::of(["no longer takes the credential ", &words(one), ""]);
        let change = Change::new(Class::Breaking, Kind::Credentials, phrase);
        found.push(change.values(Some(&words(one)), None));
    }
    for one in after.iter().filter(|_| had_needs || is_open) {
        // Another credential of the user may now be sent with these calls.
        let phrase = Phrase::of(["also takes the credential ", &words(one), ""]);
        let change = Change::new(Class::Security, Kind::Credentials, phrase);
        found.push(change.values(None, Some(&words(one))));
    }
}

fn alternatives(list: &[Requirement]) -> Vec<Alternative<'_>> {
    list.iter()
        .map(|one| {
            let needs = one.needs.iter();
            needs
                .map(|need| (need.scheme.as_str(), need.scopes.iter().map(String::as_str).collect()))
                .collect()
        })
        .collect()
}

fn scopes(old: &Alternative<'_>, new: &Alternative<'_>, found: &mut Vec<Change>) {
    for ((scheme, before), (_, after)) in old.iter().zip(new) {
        let list = |scopes: &BTreeSet<&str>| scopes.iter().copied().collect::<Vec<_>>().join(", ");
        let (all, next) = (list(before), list(after));
        for (class, words, scopes) in [
            (Class::Security, "also needs", after.difference(before)),
            (Class::Behaviour, "no longer needs", before.difference(after)),
        ] {
            let scopes: Vec<&str> = scopes.copied().collect();
            if scopes.is_empty() {
                continue;
            }
            let kind = if scopes.len() == 1 { "scope" } else { "scopes" };
            let mut phrase = Phrase::of([&format!("{words} the {kind} ")]);
            phrase.list(scopes.iter().copied(), 5);
            phrase.append(Phrase::of([" of ", scheme, ""]));
            let change = Change::new(class, Kind::Scopes, phrase).about(*scheme);
            found.push(change.values(Some(&all), Some(&next)));
        }
    }
}

/// Describes an alternative, as in `account (read, write) and key`.
fn words(alternative: &Alternative<'_>) -> String {
    let one = |(scheme, scopes): &(&str, BTreeSet<&str>)| match scopes.is_empty() {
        true => (*scheme).to_owned(),
        false => format!("{scheme} ({})", scopes.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    alternative.iter().map(one).collect::<Vec<_>>().join(" and ")
}
