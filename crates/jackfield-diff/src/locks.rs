//! Compares two jackfield.lock files, for a connector whose earlier document is not available.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{Change, Changes};
use crate::report::{Counted, Report};
use crate::{Class, Kind, Phrase};

/// The note in reports about what a comparison of two locks cannot find.
const LIMIT: &str = "only jackfield.lock was compared: the lock contains digests of texts, tools, schemes, prompts and resources, but \
                     neither the limits on calls nor the surface";

type Entries<'t> = BTreeMap<&'t str, &'t str>;

/// Compares two locks. If only the digest of a tool changed, the tool may take other arguments, so the change counts as breaking.
pub fn compare_locks(old: &str, new: &str) -> Report {
    let mut changes = Changes::default();
    for (kind, words) in
        [("origin", "origin"), ("accepted", "accepted origin"), ("tool-server", "server of tools")]
    {
        for (origin, before, after) in differing(&entries(old, kind), &entries(new, kind)) {
            let (class, verb) = match (kind, before, after) {
                ("tool-server", ..) => (Class::Behaviour, "changed"),
                (_, None, _) => (Class::Security, "added"),
                _ => (Class::Behaviour, "removed"),
            };
            let phrase = Phrase::of([&format!("{words} "), origin, &format!(" {verb}")]);
            changes.add(Change::new(class, Kind::Origin, phrase).about(origin));
        }
    }
    for (number, before, after) in differing(&entries(old, "server"), &entries(new, "server")) {
        let words = format!("server {number}");
        changes.add(Change::value(Class::Behaviour, Kind::Server, &words, before, after));
    }
    schemes(&entries(old, "scheme"), &entries(new, "scheme"), &mut changes);
    if entries(old, "instructions") != entries(new, "instructions") {
        let phrase =
            Phrase::of(["the instructions for models changed, but the lock contains only their digest"]);
        changes.add(Change::new(Class::Wording, Kind::Text, phrase));
    }
    contents(old, new, &mut changes);
    if entries(old, "texts") != entries(new, "texts") {
        let phrase = Phrase::of([
            "the title or a description of the document or its tags changed, but the lock contains only their digest",
        ]);
        changes.add(Change::new(Class::Wording, Kind::Text, phrase));
    }
    if entries(old, "requests") != entries(new, "requests") {
        let phrase = Phrase::of([
            "the headers or certificate authorities of all requests changed, but the lock contains only their digest",
        ]);
        changes.add(Change::new(Class::Security, Kind::Header, phrase));
    }
    let (old_tools, new_tools) = (tools(old), tools(new));
    compare_tools(&old_tools, &new_tools, &mut changes);
    merges([&entries(old, "merge"), &entries(new, "merge")], [&old_tools, &new_tools], &mut changes);
    for (tool, before, after) in differing(&entries(old, "ask"), &entries(new, "ask")) {
        // Tools that were added or removed are already reported.
        let is_there = |tools: &[Tool<'_>]| tools.iter().any(|one| one.name == tool);
        if !is_there(&old_tools) || !is_there(&new_tools) {
            continue;
        }
        let rank = |ask: Option<&str>| match ask {
            Some("never") => 0,
            Some("always") => 2,
            _ => 1,
        };
        let class = if rank(after) < rank(before) { Class::Security } else { Class::Behaviour };
        let (before, after) = (before.or(Some("by effect")), after.or(Some("by effect")));
        changes.add_of(tool, Change::value(class, Kind::Approval, "approval", before, after));
    }
    let counted = |lock: &str, tools: &[Tool<'_>]| {
        let merges = entries(lock, "merge");
        let merged: usize = merges.values().map(|line| line.split(' ').skip(2).count()).sum();
        (tools.len() + merges.len()).saturating_sub(merged)
    };
    let tools = Counted { before: counted(old, &old_tools), after: counted(new, &new_tools) };
    Report { changes: changes.into_sorted(), tools, tokens: None, limits: vec![LIMIT.to_owned()] }
}

/// Compares prompts, resources and documentation.
fn contents(old: &str, new: &str, changes: &mut Changes) {
    let word = |line: Option<&str>| line.map(|line| line.split(' ').skip(1).collect::<Vec<_>>().join(" "));
    for (tool, before, after) in differing(&entries(old, "resource"), &entries(new, "resource")) {
        let class = if before.is_none() { Class::Behaviour } else { Class::Breaking };
        let (before, after) = (word(before), word(after));
        let change = if before == after {
            let phrase =
                Phrase::of(["the resource of the tool changed, but the lock contains only a digest"]);
            Change::new(Class::Breaking, Kind::Resource, phrase)
        } else {
            Change::value(class, Kind::Resource, "resource", before.as_deref(), after.as_deref())
        };
        changes.add_of(tool, change);
    }
    for (name, before, after) in differing(&entries(old, "prompt"), &entries(new, "prompt")) {
        let (class, words) = match (before, after) {
            (None, _) => (Class::Behaviour, " added"),
            (Some(_), None) => (Class::Breaking, " removed"),
            _ => (Class::Breaking, " changed, but the lock contains only its digest"),
        };
        let phrase = Phrase::of(["prompt ", name, words]);
        changes.add(Change::new(class, Kind::Prompt, phrase).about(name));
    }
    let [before, after] = [old, new].map(|lock| !entries(lock, "documentation").is_empty());
    if before != after {
        let class = if after { Class::Behaviour } else { Class::Breaking };
        let [before, after] = [before, after].map(|is| Some(if is { "yes" } else { "no" }));
        changes.add(Change::value(class, Kind::Documentation, "documentation as resources:", before, after));
    }
}

/// A line of jackfield.lock that describes a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tool<'t> {
    name: &'t str,
    effect: &'t str,
    digest: &'t str,
    route: &'t str,
}

fn tools(lock: &str) -> Vec<Tool<'_>> {
    let lines = lock.lines().filter_map(|line| line.strip_prefix("tool "));
    lines
        .filter_map(|line| {
            let (name, rest) = line.split_once(' ')?;
            let (effect, rest) = rest.split_once(' ')?;
            let (digest, route) = rest.split_once(' ').unwrap_or((rest, ""));
            let route = route.strip_suffix(" renamed").unwrap_or(route);
            Some(Tool { name, effect, digest, route })
        })
        .collect()
}

fn compare_tools(old: &[Tool<'_>], new: &[Tool<'_>], changes: &mut Changes) {
    let by_route: BTreeMap<&str, &Tool<'_>> =
        old.iter().filter(|tool| !tool.route.is_empty()).map(|tool| (tool.route, tool)).collect();
    let routes: BTreeSet<&str> = new.iter().map(|tool| tool.route).collect();
    let by_name: BTreeMap<&str, &Tool<'_>> =
        old.iter().filter(|tool| !routes.contains(tool.route)).map(|tool| (tool.name, tool)).collect();
    let names: BTreeSet<&str> = old.iter().map(|tool| tool.name).collect();
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for tool in new {
        // Users grant permissions, approvals and limits to names of tools.
        let (taken, other) = match names.contains(tool.name) {
            true => (true, ", and another tool had this name before"),
            false => (false, ""),
        };
        let Some(before) = by_route.get(tool.route).or_else(|| by_name.get(tool.name)) else {
            let class = if tool.effect == "read" && !taken { Class::Behaviour } else { Class::Security };
            let phrase = Phrase::of([&format!("tool added ({}): ", tool.effect), tool.route, other]);
            changes.add_of(tool.name, Change::new(class, Kind::ToolAdded, phrase));
            continue;
        };
        found.insert(before.name);
        let mut is_explained = false;
        if before.name != tool.name {
            is_explained = true;
            let class = if taken { Class::Security } else { Class::Breaking };
            let phrase = Phrase::of(["tool renamed from ", before.name, other]);
            changes.add_of(tool.name, Change::new(class, Kind::ToolRenamed, phrase));
        }
        if before.effect != tool.effect {
            is_explained = true;
            let (before, after) = (Some(before.effect), Some(tool.effect));
            changes.add_of(tool.name, Change::value(Class::Security, Kind::Effect, "effect", before, after));
        }
        // Locks of an earlier format have no routes.
        if before.route != tool.route && !before.route.is_empty() {
            is_explained = true;
            let (before, after) = (Some(before.route), Some(tool.route));
            changes.add_of(tool.name, Change::value(Class::Breaking, Kind::Route, "route", before, after));
        }
        if before.digest != tool.digest {
            let words = if is_explained { "other parts changed too, digest" } else { "changed, digest" };
            let (before, after) = (Some(before.digest), Some(tool.digest));
            changes.add_of(tool.name, Change::value(Class::Breaking, Kind::Digest, words, before, after));
        }
    }
    for tool in old.iter().filter(|tool| !found.contains(tool.name)) {
        let phrase = Phrase::of(["tool removed: ", tool.route, ""]);
        changes.add_of(tool.name, Change::new(Class::Breaking, Kind::ToolRemoved, phrase));
    }
}

/// Compares the lines that describe merged tools. Each has the effect, a digest, and the names of the operations.
fn merges([old, new]: [&Entries<'_>; 2], all: [&[Tool<'_>]; 2], changes: &mut Changes) {
    let parts = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        let (effect, _digest) = (words.next().unwrap_or_default(), words.next());
        (effect, words.collect::<Vec<_>>().join(" "))
    };
    for (name, before, after) in differing(old, new) {
        let change = match (before.map(parts), after.map(parts)) {
            (Some((old_effect, old_tools)), Some((effect, tools))) => {
                let (words, class, before, after) = if old_effect == effect {
                    ("merged tools", Class::Breaking, old_tools, tools)
                } else {
                    ("effect", Class::Security, old_effect, effect)
                };
                match before == after {
                    true => Change::new(
                        Class::Breaking,
                        Kind::Merge,
                        Phrase::of(["changed, but the lock contains only its digest"]),
                    ),
                    false => Change::value(class, Kind::Merge, words, Some(&before), Some(&after)),
                }
            }
            (None, Some((effect, tools))) => {
                let taken = taken_by_merge(name, &effect, &tools, all);
                let class = if taken.is_empty() { Class::Breaking } else { Class::Security };
                Change::new(class, Kind::Merge, Phrase::of(["merged tool added: ", &tools, taken]))
            }
            (Some((_, tools)), None) => {
                let phrase = Phrase::of(["merged tool removed: ", &tools, ""]);
                Change::new(Class::Breaking, Kind::Merge, phrase)
            }
            (None, None) => continue,
        };
        changes.add_of(name, change);
    }
}

/// Describes the tool that previously had the name of a new merged tool. Empty if the merged tool contains the operation of that tool, and
/// has no stronger effect than that tool.
fn taken_by_merge(name: &str, effect: &str, operations: &str, [old, new]: [&[Tool<'_>]; 2]) -> &'static str {
    let Some(before) = old.iter().find(|tool| tool.name == name) else { return "" };
    let mut same = new.iter().filter(|tool| tool.route == before.route);
    let rank = |effect: &str| ["read", "write", "destroy"].iter().position(|known| *known == effect);
    if !same.any(|tool| operations.split(' ').any(|operation| operation == tool.name)) {
        ", and another tool had this name before"
    } else if rank(before.effect) < rank(effect) {
        ", and calls with this name can do more than before"
    } else {
        ""
    }
}

fn schemes(old: &Entries<'_>, new: &Entries<'_>, changes: &mut Changes) {
    for (name, before, after) in differing(old, new) {
        let (Some(before), Some(after)) = (before, after) else {
            let (class, verb) =
                if after.is_some() { (Class::Security, "added") } else { (Class::Breaking, "removed") };
            let phrase = Phrase::of(["scheme ", name, &format!(" {verb}")]);
            changes.add(Change::new(class, Kind::Scheme, phrase).about(name));
            continue;
        };
        // A digest does not say what changed, and a scheme decides where credentials go.
        let without_digest = |line: &str| {
            let words = line.split(' ').enumerate().filter(|(at, _)| *at != 1);
            words.map(|(_, word)| word.to_owned()).collect::<Vec<_>>().join(" ")
        };
        let [first, second] = [before, after].map(without_digest);
        let mut phrase = Phrase::of(["scheme ", name, ""]);
        if first == second {
            phrase.say(" changed, but the lock contains only its digest");
        } else {
            phrase.say(":");
            phrase.from_to(Some(&first), Some(&second));
        }
        let change = Change::new(Class::Security, Kind::Scheme, phrase).about(name);
        changes.add(change.values(Some(before), Some(after)));
    }
}

/// Returns the lines of a kind, as a map. The word after the kind is the key, and the rest of the line is the value.
fn entries<'t>(text: &'t str, kind: &str) -> Entries<'t> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect()
}

fn differing<'t>(old: &Entries<'t>, new: &Entries<'t>) -> Vec<(&'t str, Option<&'t str>, Option<&'t str>)> {
    let names: BTreeSet<&'t str> = old.keys().chain(new.keys()).copied().collect();
    let pairs = names.into_iter().map(|name| (name, old.get(name).copied(), new.get(name).copied()));
    pairs.filter(|(_, before, after)| before != after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "\
# a comment
origin https://api.example.com
server 1 https://api.example.com/v1
scheme key api_key 11 to=https://api.example.com
tool list_books read aa GET /books
tool burn_book destroy bb DELETE /books/{id}
";

    fn lines(new: &str) -> Vec<String> {
        let report = compare_locks(LOCK, new);
        report.changes.iter().map(|change| format!("{} {}", change.class, change.line())).collect()
    }

    #[test]
    fn equal_locks_have_no_differences() {
        assert!(lines(LOCK).is_empty());
    }

    #[test]
    fn changed_digest_is_classified_by_the_kind_of_its_lock_line() {
        assert_eq!(
            lines(&format!("{LOCK}instructions aa\n")),
            ["wording the instructions for models changed, but the lock contains only their digest"]
        );
        assert_eq!(
            lines(&format!("{LOCK}texts aa\nrequests bb\n")),
            [
                "security the headers or certificate authorities of all requests changed, but the lock contains only their digest",
                "wording the title or a description of the document or its tags changed, but the lock contains only their digest",
            ]
        );
    }

    #[test]
    fn prompts_and_resources_of_a_lock_are_compared() {
        let old = format!("{LOCK}resource list_books aa shop://api/books\nprompt review aa\n");
        let new = format!(
            "{LOCK}documentation resources\nresource list_books aa shop://api/books only\nresource burn_book bb x:1\nprompt review bb\n"
        );
        let report = compare_locks(&old, &new);
        let lines: Vec<String> =
            report.changes.iter().map(|change| format!("{} {}", change.class, change.line())).collect();
        assert_eq!(
            lines,
            [
                "breaking `list_books`: resource `shop://api/books` → `shop://api/books only`",
                "breaking prompt `review` changed, but the lock contains only its digest",
                "behaviour `burn_book`: resource none → `x:1`",
                "behaviour documentation as resources: `no` → `yes`",
            ]
        );
    }

    #[test]
    fn changed_digest_of_a_tool_is_breaking() {
        assert_eq!(
            lines(&LOCK.replace(" aa ", " cc ")),
            ["breaking `list_books`: changed, digest `aa` → `cc`"]
        );
    }

    #[test]
    fn new_origins_stronger_effects_and_weaker_approvals_are_security_changes() {
        let new = LOCK
            .replace("origin https://api", "origin https://evil.example.com\norigin https://api")
            .replace("list_books read", "list_books write")
            .replace("to=https://api", "to=https://evil");
        let new = format!("{new}ask burn_book never\n");
        assert_eq!(
            lines(&new),
            [
                "security origin `https://evil.example.com` added",
                "security scheme `key`: `api_key to=https://api.example.com` → `api_key to=https://evil.example.com`",
                "security `list_books`: effect `read` → `write`",
                "security `burn_book`: approval `by effect` → `never`",
            ]
        );
    }

    #[test]
    fn tools_of_two_locks_are_matched_by_route() {
        let new = LOCK.replace("list_books", "find_books") + "tool add_book write ee POST /books\n";
        assert_eq!(
            lines(&new),
            [
                "security `add_book`: tool added (write): `POST /books`",
                "breaking `find_books`: tool renamed from `list_books`",
            ]
        );
    }
}
