//! Describes the differences between two locks, one on each line: destinations first, then tools by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::entries::{Entries, entries};

/// The maximum number of changed tools that are shown. Further tools are counted.
const MOST_SHOWN: usize = 20;

/// The number of digits of a digest that are shown.
const DIGITS: usize = 8;

/// The differences between two locks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockChanges {
    /// Lines about origins, servers, schemes, and approvals.
    pub destinations: Vec<String>,
    /// Lines about tools, sorted by name.
    pub tools: Vec<String>,
}

impl LockChanges {
    /// Compares the text of a lock with the text of the next lock.
    pub fn between(old: &str, new: &str) -> Self {
        let mut destinations = Vec::new();
        let is_alone = entries(old, "server").len().max(entries(new, "server").len()) < 2;
        for (number, before, after) in differing(&entries(old, "server"), &entries(new, "server")) {
            let server = if is_alone { "server".to_owned() } else { format!("server {number}") };
            destinations.push(match (before, after) {
                (Some(before), Some(after)) => format!("{server} {before} → {after}"),
                (None, after) => format!("added {server} {}", after.unwrap_or_default()),
                (Some(before), None) => format!("removed {server} {before}"),
            });
        }
        for kind in ["tool-server", "origin", "accepted"] {
            let what = if kind == "accepted" { "accepted origin" } else { kind };
            for (name, before, after) in differing(&entries(old, kind), &entries(new, kind)) {
                destinations.push(match (before, after) {
                    (Some(before), Some(after)) => format!("changed {what} {name} {before} → {after}"),
                    (None, _) => format!("added {what} {name}"),
                    (Some(_), None) => format!("removed {what} {name}"),
                });
            }
        }
        for (name, before, after) in differing(&entries(old, "ask"), &entries(new, "ask")) {
            let by_effect = "by effect";
            let (before, after) = (before.unwrap_or(by_effect), after.unwrap_or(by_effect));
            destinations.push(format!("approval of tool {name}: {before} → {after}"));
        }
        for (name, before, after) in differing(&entries(old, "merge"), &entries(new, "merge")) {
            destinations.push(merge(name, before, after));
        }
        for (kind, what) in [
            ("instructions", "the instructions for models"),
            ("texts", "the title or a description of the document or its tags"),
            ("requests", "the headers or certificate authorities of all requests"),
        ] {
            if entries(old, kind) != entries(new, kind) {
                destinations.push(format!("changed {what}"));
            }
        }
        for (tool, before, after) in differing(&entries(old, "resource"), &entries(new, "resource")) {
            let address = |line: &str| line.split_once(' ').map_or(line, |(_, address)| address).to_owned();
            destinations.push(match (before.map(address), after.map(address)) {
                (Some(before), Some(after)) if before == after => format!("changed resource of tool {tool}"),
                (Some(before), Some(after)) => format!("resource of tool {tool}: {before} → {after}"),
                (None, after) => format!("added resource of tool {tool}: {}", after.unwrap_or_default()),
                (Some(_), None) => format!("removed resource of tool {tool}"),
            });
        }
        for (name, before, after) in differing(&entries(old, "prompt"), &entries(new, "prompt")) {
            let verb = match (before, after) {
                (None, _) => "added",
                (Some(_), None) => "removed",
                _ => "changed",
            };
            destinations.push(format!("{verb} prompt {name}"));
        }
        for (_, before, _) in differing(&entries(old, "documentation"), &entries(new, "documentation")) {
            let verb = if before.is_none() { "added" } else { "removed" };
            destinations.push(format!("{verb} the documentation as resources"));
        }
        let mut rest = Vec::new();
        for (name, before, after) in differing(&entries(old, "scheme"), &entries(new, "scheme")) {
            match (before, after) {
                (Some(before), Some(after)) => {
                    let moved = moved(before, after);
                    if moved.is_empty() {
                        rest.push(format!("changed scheme {name}"));
                    } else {
                        destinations.push(format!("scheme {name}: {}", moved.join(", ")));
                    }
                }
                (None, after) => rest.push(format!("added scheme {name} {}", without_digest(after))),
                (Some(before), None) => {
                    rest.push(format!("removed scheme {name} {}", without_digest(Some(before))));
                }
            }
        }
        destinations.extend(rest);
        Self { destinations, tools: tools(&entries(old, "tool"), &entries(new, "tool")) }
    }

    /// Whether both locks are equal.
    pub fn is_empty(&self) -> bool {
        self.destinations.is_empty() && self.tools.is_empty()
    }
}

impl fmt::Display for LockChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.destinations.iter().chain(self.tools.iter().take(MOST_SHOWN));
        for (at, line) in shown.enumerate() {
            write!(f, "{}{line}", if at > 0 { "\n" } else { "" })?;
        }
        match self.tools.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
            Some(more) => write!(f, "\n… and {more} more tools"),
            None => Ok(()),
        }
    }
}

/// Prints `merged tool get_book (read): get_book_by_id get_book_by_name`.
fn merge(name: &str, before: Option<&str>, after: Option<&str>) -> String {
    let parts = |line: &str| {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let (effect, _digest) = (words.next().unwrap_or_default(), words.next());
        format!("({effect}): {}", words.next().unwrap_or_default())
    };
    match (before.map(parts), after.map(parts)) {
        (None, Some(after)) => format!("added merged tool {name} {after}"),
        (Some(before), None) => format!("removed merged tool {name} {before}"),
        (before, after) if before == after => {
            format!("changed merged tool {name} {}", after.unwrap_or_default())
        }
        (before, after) => format!(
            "changed merged tool {name} {} → {}",
            before.unwrap_or_default(),
            after.unwrap_or_default()
        ),
    }
}

fn differing<'t>(old: &Entries<'t>, new: &Entries<'t>) -> Vec<(&'t str, Option<&'t str>, Option<&'t str>)> {
    let mut names: Vec<&'t str> = old.keys().chain(new.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let pairs = names.into_iter().map(|name| (name, old.get(name).copied(), new.get(name).copied()));
    pairs.filter(|(_, before, after)| before != after).collect()
}

/// Describes the differences in the kind and the origins of a scheme: `token https://a → https://b`, `to +https://c`.
fn moved(before: &str, after: &str) -> Vec<String> {
    let mut moved = Vec::new();
    let kind = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    if kind(before) != kind(after) {
        moved.push(format!("{} → {}", kind(before), kind(after)));
    }
    let (before, after) = (origins(before), origins(after));
    let mut keys: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let old = before.get(key).cloned().unwrap_or_default();
        let new = after.get(key).cloned().unwrap_or_default();
        let gone: Vec<&str> = old.iter().filter(|origin| !new.contains(origin)).copied().collect();
        let come: Vec<&str> = new.iter().filter(|origin| !old.contains(origin)).copied().collect();
        match (gone.as_slice(), come.as_slice()) {
            ([], []) => {}
            ([gone], [come]) => moved.push(format!("{key} {gone} → {come}")),
            _ => {
                moved.extend(gone.iter().map(|origin| format!("{key} -{origin}")));
                moved.extend(come.iter().map(|origin| format!("{key} +{origin}")));
            }
        }
    }
    moved
}

fn origins(line: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut origins: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, origin) in line.split(' ').filter_map(|word| word.split_once('=')) {
        origins.entry(key).or_default().push(origin);
    }
    origins
}

fn without_digest(line: Option<&str>) -> String {
    let words = line.unwrap_or_default().split(' ').enumerate();
    words.filter(|(at, _)| *at != 1).map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

/// Describes the differences between tools. If a tool has a new name for the same route, both names are on one line.
fn tools(old: &Entries<'_>, new: &Entries<'_>) -> Vec<String> {
    let mut differing = differing(old, new);
    // Locks of an earlier format have no routes.
    differing.retain(|(_, before, after)| {
        let is_earlier = |line: &str| route(line).is_none();
        !before
            .zip(*after)
            .is_some_and(|(before, after)| is_earlier(before) && after.starts_with(&format!("{before} ")))
    });
    let gone = differing
        .iter()
        .filter_map(|(name, before, after)| Some((route(before.filter(|_| after.is_none())?)?, *name)));
    let gone: BTreeMap<&str, &str> = gone.collect();
    let moved: BTreeMap<&str, &str> = differing
        .iter()
        .filter_map(|(name, before, after)| {
            Some((*name, *gone.get(route(after.filter(|_| before.is_none())?)?)?))
        })
        .collect();
    let left: BTreeSet<&str> = moved.values().copied().collect();
    differing.retain(|(name, _, after)| after.is_some() || !left.contains(name));
    let line = |(name, before, after): (&str, Option<&str>, Option<&str>)| match moved.get(name) {
        Some(earlier) => {
            let effect = after.and_then(|line| line.split(' ').next()).unwrap_or_default();
            format!("renamed tool {earlier} → {name} ({effect})")
        }
        None => tool((name, before, after)),
    };
    differing.into_iter().map(line).collect()
}

/// Returns the route in the line of a tool, which follows the effect and the digest.
fn route(line: &str) -> Option<&str> {
    let (_, route) = line.split_once(' ')?.1.split_once(' ')?;
    Some(route.trim_end_matches(" renamed"))
}

fn tool((name, before, after): (&str, Option<&str>, Option<&str>)) -> String {
    let parts = |line: &str| {
        let (effect, digest) = line.split_once(' ').unwrap_or((line, ""));
        let digest = digest.split(' ').next().unwrap_or_default();
        (effect.to_owned(), digest.chars().take(DIGITS).collect::<String>())
    };
    match (before.map(parts), after.map(parts)) {
        (Some((old, before)), Some((new, after))) => {
            let effect = if old == new { new } else { format!("{old} → {new}") };
            format!("changed tool {name} ({effect}) {before} → {after}")
        }
        (None, Some((effect, _))) => format!("added tool {name} ({effect})"),
        (Some((effect, _)), None) => format!("removed tool {name} ({effect})"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "\
origin https://a.example.com
server 1 https://a.example.com/v1
scheme key api_key 0123456789 to=https://a.example.com
tool get_book read 1111111111
tool list_books read 2222222222
";

    #[test]
    fn changed_server_is_reported_before_renamed_tools() {
        let new = OLD
            .replace("a.example.com", "b.example.com")
            .replace("read 1111111111", "write 3333333333")
            .replace("tool list_books", "tool find_books");
        assert_eq!(
            LockChanges::between(OLD, &new).to_string(),
            "server https://a.example.com/v1 → https://b.example.com/v1\n\
             removed origin https://a.example.com\n\
             added origin https://b.example.com\n\
             scheme key: to https://a.example.com → https://b.example.com\n\
             added tool find_books (read)\n\
             changed tool get_book (read → write) 11111111 → 33333333\n\
             removed tool list_books (read)"
        );
        assert!(LockChanges::between(OLD, OLD).is_empty());
    }

    #[test]
    fn approval_changed_to_never_is_reported() {
        let new = format!("{OLD}ask get_book never\n");
        assert_eq!(
            LockChanges::between(OLD, &new).to_string(),
            "approval of tool get_book: by effect → never"
        );
        let always = new.replace("never", "always");
        assert_eq!(
            LockChanges::between(&always, &new).to_string(),
            "approval of tool get_book: always → never"
        );
    }

    #[test]
    fn changed_prompts_and_resources_are_reported() {
        let old = format!("{OLD}prompt review 11\nresource get_book 11 shop://api/books/{{id}}\n");
        let new = format!(
            "{OLD}documentation resources\nresource get_book 11 shop://api/books/{{id}} only\nresource list_books 22 shop://api/books\n"
        );
        assert_eq!(
            LockChanges::between(&old, &new).to_string(),
            "resource of tool get_book: shop://api/books/{id} → shop://api/books/{id} only\n\
             added resource of tool list_books: shop://api/books\n\
             removed prompt review\n\
             added the documentation as resources"
        );
    }

    #[test]
    fn tool_with_a_new_name_for_the_same_route_is_reported_as_renamed() {
        let old = "tool get_books read 11 GET /books\ntool old read 22 GET /old\n";
        let new = "tool find_books read 33 GET /books renamed\ntool list_books read 44 GET /new\n";
        assert_eq!(
            LockChanges::between(old, new).to_string(),
            "renamed tool get_books → find_books (read)\nadded tool list_books (read)\nremoved tool old (read)"
        );
    }

    #[test]
    fn lock_without_routes_is_compared_by_tool_name() {
        let old = "tool get_books read 11\ntool get_book read 22\n";
        let new = "tool get_books read 11 GET /books\ntool get_book read 33 GET /books/{id}\n";
        assert_eq!(LockChanges::between(old, new).to_string(), "changed tool get_book (read) 22 → 33");
    }

    #[test]
    fn changed_tools_beyond_the_limit_are_counted() {
        let lock = |digest: &str| (0..30).map(|at| format!("tool t{at} read {digest}\n")).collect::<String>();
        let text = LockChanges::between(&lock("1"), &lock("2")).to_string();
        assert_eq!(text.lines().count(), 21);
        assert!(text.ends_with("… and 10 more tools"), "{text}");
    }
}
