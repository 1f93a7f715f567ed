//! Compares remote servers.

use std::collections::BTreeSet;

use jackfield_diff::Class;
use jackfield_recipe::{AddressVariable, server_origins};

use super::inputs;
use super::one::{Difference, DifferenceKind};
use super::packages::named;
use crate::entry::input::Input;
use crate::entry::remote::Remote;

/// Compares the remote servers of two versions. Servers with the same URL belong together, then servers at the same host.
pub(super) fn compare(old: &[Remote], new: &[Remote], differences: &mut Vec<Difference>) {
    let hosts = |remotes: &[Remote]| remotes.iter().flat_map(origins).collect::<BTreeSet<_>>();
    let (before, after) = (hosts(old), hosts(new));
    for host in after.difference(&before) {
        let change =
            if before.is_empty() { "is new" } else { "is new, so messages can go to another server" };
        let class = if before.is_empty() { Class::Behaviour } else { Class::Security };
        differences.push(Difference::new(class, DifferenceKind::Host, host, change));
    }
    for host in before.difference(&after) {
        differences.push(Difference::new(
            Class::Breaking,
            DifferenceKind::Host,
            host,
            "is not used any more",
        ));
    }
    let mut left: Vec<&Remote> = new.iter().collect();
    for before in old {
        let same_url = |after: &&Remote| after.url() == before.url();
        let same_host = |after: &&Remote| !origins(after).is_disjoint(&origins(before));
        let at = left.iter().position(same_url).or_else(|| left.iter().position(same_host));
        if let Some(at) = at {
            compare_one(before, left.remove(at), differences);
        }
    }
}

/// Returns the origins to which messages can go.
fn origins(remote: &Remote) -> BTreeSet<String> {
    let variables: Vec<AddressVariable<'_, String>> = remote
        .variables
        .iter()
        .map(|(name, input)| AddressVariable {
            name,
            default: input.value.as_deref().or(input.default.as_deref()),
            allowed: &input.choices,
        })
        .collect();
    server_origins(remote.url(), &variables)
}

fn compare_one(old: &Remote, new: &Remote, differences: &mut Vec<Difference>) {
    let subject = new.url();
    if old.url() != new.url() {
        differences.push(
            Difference::new(Class::Behaviour, DifferenceKind::Url, subject, "has another path")
                .values(Some(old.url()), Some(new.url())),
        );
    }
    let (before, after) = (old.transport.kind.as_str(), new.transport.kind.as_str());
    if before != after {
        differences.push(
            Difference::new(Class::Breaking, DifferenceKind::Transport, subject, "is used in another way")
                .values(Some(before), Some(after)),
        );
    }
    let (before, after) = (named(&old.transport.headers), named(&new.transport.headers));
    inputs::compare(DifferenceKind::Header, &before, &after, differences);
    inputs::compare(DifferenceKind::UrlVariable, &variables(old), &variables(new), differences);
}

fn variables(remote: &Remote) -> Vec<(&str, &Input)> {
    remote.variables.iter().map(|(name, input)| (name.as_str(), input)).collect()
}
