//! The differences between headers and settings that are sent with requests.

use std::collections::BTreeMap;

use jackfield_model::{Connector, Location, ParameterSetting};

use crate::change::{Change, Changes};
use crate::tools::Paired;
use crate::{Class, Kind, Phrase};

/// Compares the headers of all requests, and the parameters that are settings.
pub(crate) fn compare(old: &Connector, new: &Connector, paired: &Paired<'_>, changes: &mut Changes) {
    headers(old, new, changes);
    let key = |setting: &ParameterSetting| {
        let ParameterSetting { location, wire, value: _, tools: _ } = setting;
        let location = if *location == Location::Header { "header" } else { "query parameter" };
        format!("{location} {}", wire.as_str())
    };
    let by_key = |connector: &'_ Connector| -> BTreeMap<String, ParameterSetting> {
        connector.settings.iter().map(|setting| (key(setting), setting.clone())).collect()
    };
    let (before, after) = (by_key(old), by_key(new));
    let value = |setting: &ParameterSetting| match &setting.value {
        Some(value) => value.clone(),
        None => "the user's value".to_owned(),
    };
    for (name, setting) in &before {
        let Some(next) = after.get(name) else {
            changes.add(change(name, Some(&value(setting)), None));
            continue;
        };
        let [first, second] = [setting, next].map(value);
        if first != second {
            changes.add(change(name, Some(&first), Some(&second)));
        }
        let (had, has) = (paired.old_selection(&setting.tools), paired.new_selection(&next.tools));
        for (verb, tools) in [("is sent", has.difference(&had)), ("is no longer sent", had.difference(&has))]
        {
            for tool in tools {
                let phrase = Phrase::of(["setting ", name, &format!(" {verb}")]);
                changes.add_of(tool, Change::new(Class::Behaviour, Kind::Setting, phrase).about(name));
            }
        }
    }
    for (name, setting) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        changes.add(change(name, None, Some(&value(setting))));
    }
}

fn change(name: &str, before: Option<&str>, after: Option<&str>) -> Change {
    let mut phrase = Phrase::of(["setting ", name, ":"]);
    phrase.from_to(before, after);
    Change::new(Class::Behaviour, Kind::Setting, phrase).about(name).values(before, after)
}

fn headers(old: &Connector, new: &Connector, changes: &mut Changes) {
    let by_name = |connector: &'_ Connector| -> BTreeMap<String, String> {
        let headers = connector.headers.iter();
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
    };
    let (before, after) = (by_name(old), by_name(new));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (first, second) = (before.get(name), after.get(name));
        if first != second {
            let mut phrase = Phrase::of(["header ", name, " of all requests:"]);
            let (first, second) = (first.map(String::as_str), second.map(String::as_str));
            phrase.from_to(first, second);
            let change = Change::new(Class::Behaviour, Kind::Header, phrase).about(name);
            changes.add(change.values(first, second));
        }
    }
}
