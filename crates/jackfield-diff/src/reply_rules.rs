//! The differences between the rules for replies in connector.toml.

use std::collections::BTreeMap;

use jackfield_model::{Connector, ReplyPath, ReplyRule, ToolName};

use crate::change::{Change, Changes};
use crate::lists::differing;
use crate::tools::Paired;
use crate::{Class, Kind, Phrase};

/// The key of the rule for all tools.
const ALL: &str = "*";

/// Compares the rule of each tool, and the rule for all tools.
pub(crate) fn compare(old: &Connector, new: &Connector, paired: &Paired<'_>, changes: &mut Changes) {
    let mut before: BTreeMap<String, &ReplyRule> = BTreeMap::new();
    for rule in &old.replies {
        let key = match &rule.tool {
            None => ALL.to_owned(),
            // The rule of a removed tool is not compared.
            Some(tool) => match paired.renamed(std::slice::from_ref(tool)).first() {
                Some(name) => (*name).to_owned(),
                None => continue,
            },
        };
        before.insert(key, rule);
    }
    let key = |rule: &ReplyRule| rule.tool.as_ref().map_or(ALL, ToolName::as_str).to_owned();
    let kept = paired.kept();
    let rules = new.replies.iter().map(|rule| (key(rule), rule));
    // The rule of a new tool is not compared.
    let after: BTreeMap<String, &ReplyRule> =
        rules.filter(|(key, _)| key == ALL || kept.contains(key.as_str())).collect();
    let nothing = ReplyRule {
        tool: None,
        redact: Vec::new(),
        keep: Vec::new(),
        drop: Vec::new(),
        items: None,
        bytes: None,
        all_pages: None,
        jq: None,
    };
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let mut found = Vec::new();
        let rule = before.get(key).copied().unwrap_or(&nothing);
        differences(rule, after.get(key).copied().unwrap_or(&nothing), &mut found);
        for change in found {
            if key == ALL {
                let mut phrase = Phrase::of(["replies of all tools: "]);
                phrase.append(change.phrase.clone());
                changes.add(Change { phrase, ..change });
            } else {
                changes.add_of(key, change);
            }
        }
    }
}

fn differences(old: &ReplyRule, new: &ReplyRule, found: &mut Vec<Change>) {
    let ReplyRule { tool: _, redact, keep, drop, items, bytes, all_pages, jq } = old;
    let paths = |paths: &[ReplyPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut add = |class, kind, words: [&str; 2], path: &str| {
        let phrase = Phrase::of([words[0], path, words[1]]);
        found.push(Change::new(class, kind, phrase).about(path));
    };
    let (before, after) = (paths(redact), paths(&new.redact));
    let (gone, come) = differing(&before, &after);
    for path in gone {
        add(Class::Security, Kind::Redaction, ["", " is no longer redacted"], path);
    }
    for path in come {
        add(Class::Behaviour, Kind::Redaction, ["", " is redacted"], path);
    }
    let (before, after) = (paths(drop), paths(&new.drop));
    let (gone, come) = differing(&before, &after);
    for path in gone {
        add(Class::Security, Kind::ReplyRule, ["", " is no longer left out"], path);
    }
    for path in come {
        add(Class::Behaviour, Kind::ReplyRule, ["", " is left out"], path);
    }
    let (before, after) = (paths(keep), paths(&new.keep));
    if before != after {
        // If `keep` is empty, all values remain.
        let (gone, come) = differing(&before, &after);
        let is_wider = !before.is_empty() && (after.is_empty() || !come.is_empty());
        let class = if is_wider { Class::Security } else { Class::Behaviour };
        let text = |list: &[String]| if list.is_empty() { "everything".to_owned() } else { list.join(", ") };
        if gone.is_empty() && come.is_empty() {
            let (before, after) = (text(&before), text(&after));
            let words = "order of the values that remain";
            found.push(Change::value(Class::Behaviour, Kind::ReplyRule, words, Some(&before), Some(&after)));
        } else {
            let (before, after) = (text(&before), text(&after));
            let words = "only values that remain";
            found.push(Change::value(class, Kind::ReplyRule, words, Some(&before), Some(&after)));
        }
    }
    let number = |count: Option<usize>| count.map(|count| count.to_string());
    for (words, before, after) in [
        ("limit of list items", *items, new.items),
        ("limit of bytes", *bytes, new.bytes),
        ("joined pages", all_pages.map(|it| it as usize), new.all_pages.map(|it| it as usize)),
    ] {
        if before != after {
            let class = limit_class(words, before, after);
            let (before, after) = (number(before), number(after));
            found.push(Change::value(class, Kind::ReplyRule, words, before.as_deref(), after.as_deref()));
        }
    }
    if jq != &new.jq {
        // The removed jq program may have left out values that models must not see.
        let class = if new.jq.is_none() { Class::Security } else { Class::Behaviour };
        found.push(Change::value(class, Kind::ReplyRule, "filter", jq.as_deref(), new.jq.as_deref()));
    }
}

/// Returns the class of a changed limit. A higher or removed limit protects less. Without a limit of joined pages, a call reads one page.
fn limit_class(words: &str, before: Option<usize>, after: Option<usize>) -> Class {
    let absent = if words == "joined pages" { 1 } else { usize::MAX };
    if after.unwrap_or(absent) > before.unwrap_or(absent) { Class::Security } else { Class::Behaviour }
}
