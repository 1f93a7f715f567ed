//! The differences between the origins to which requests and credentials can be sent.

use std::collections::BTreeMap;

use jackfield_model::{Connector, Destinations};

use crate::change::{Change, Changes};
use crate::lists::differing;
use crate::{Class, Kind, Phrase};

/// Compares the origins and the trusted certificate authorities.
pub(crate) fn compare(old: &Connector, new: &Connector, changes: &mut Changes) {
    let (before, after) = (Destinations::of(old), Destinations::of(new));
    let (known, next_reasons) = (before.reasons(), after.reasons());
    for (origin, reasons) in &next_reasons {
        if !known.contains_key(origin) {
            let mut phrase = Phrase::of(["requests can reach the new origin ", origin, ": "]);
            // Reasons already contain backticks around names.
            phrase.quote(&reasons.join("; ").replace('`', ""));
            let schemes = after.schemes.iter().filter(|one| one.credential.contains(origin));
            let schemes: Vec<&str> = schemes.map(|one| one.scheme.as_str()).collect();
            if !schemes.is_empty() {
                phrase.say(", with the credentials of ");
                phrase.list(schemes.iter().copied(), 5);
            }
            let change = Change::new(Class::Security, Kind::Origin, phrase).about(origin);
            changes.add(change.values(None, Some(origin)));
        }
    }
    for origin in known.keys().filter(|origin| !next_reasons.contains_key(*origin)) {
        let phrase = Phrase::of(["requests no longer reach the origin ", origin, ""]);
        let change = Change::new(Class::Behaviour, Kind::Origin, phrase).about(origin);
        changes.add(change.values(Some(origin), None));
    }
    let is_kept = |origin: &str| known.contains_key(origin) && next_reasons.contains_key(origin);
    credentials(&before, &after, is_kept, changes);
    named(old, new, changes);
    authorities(old, new, changes);
}

/// Compares the origins that receive credentials, for the schemes that both connectors have. New origins are left out, because the line
/// about a new origin names the credentials that it receives.
fn credentials(
    before: &Destinations,
    after: &Destinations,
    is_kept: impl Fn(&str) -> bool,
    changes: &mut Changes,
) {
    let known: BTreeMap<&str, _> = before.schemes.iter().map(|one| (one.scheme.as_str(), one)).collect();
    for next in &after.schemes {
        let Some(scheme) = known.get(next.scheme.as_str()) else { continue };
        for (class, words, origins) in [
            (Class::Security, " goes to ", next.credential.difference(&scheme.credential)),
            (Class::Behaviour, " no longer goes to ", scheme.credential.difference(&next.credential)),
        ] {
            for origin in origins.filter(|origin| is_kept(origin)) {
                let phrase = Phrase::of(["the credential of ", &next.scheme, words, origin, ""]);
                changes.add(Change::new(class, Kind::Origin, phrase).about(&next.scheme));
            }
        }
    }
}

/// Compares the origins that the user named or accepted. These origins may be private.
fn named(old: &Connector, new: &Connector, changes: &mut Changes) {
    for (words, before, after) in [
        ("origin that may receive credentials", &old.origins, &new.origins),
        ("accepted origin", &old.accepted, &new.accepted),
        ("origin named in connector.toml", &old.named, &new.named),
    ] {
        let (gone, come) = differing(before, after);
        for (class, list, verb) in [(Class::Security, come, "added"), (Class::Behaviour, gone, "removed")] {
            for origin in list {
                let phrase = Phrase::of([&format!("{words} "), origin, &format!(" {verb}")]);
                changes.add(Change::new(class, Kind::Origin, phrase).about(origin));
            }
        }
    }
}

fn authorities(old: &Connector, new: &Connector, changes: &mut Changes) {
    let (gone, come) = differing(&old.authorities, &new.authorities);
    for (class, count, verb) in
        [(Class::Security, come.len(), "added"), (Class::Behaviour, gone.len(), "removed")]
    {
        if count > 0 {
            let words = format!("trusted certificate authorities: {count} {verb}");
            changes.add(Change::new(class, Kind::Authorities, Phrase::of([&words])));
        }
    }
}
