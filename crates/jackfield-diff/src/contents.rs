//! The differences between resources, prompts and the documentation of a connector.

use std::collections::BTreeSet;

use jackfield_model::{Connector, Prompt, PromptArgument, Resource, UriTemplate};

use crate::change::{Change, Changes};
use crate::texts::text;
use crate::{Class, Kind, Phrase};

/// Compares the prompts, and whether the connector has documentation pages.
pub(crate) fn compare(old: &Connector, new: &Connector, changes: &mut Changes) {
    if old.documentation != new.documentation {
        let class = if new.documentation { Class::Behaviour } else { Class::Breaking };
        let [before, after] =
            [old.documentation, new.documentation].map(|is| Some(if is { "yes" } else { "no" }));
        let words = "documentation as resources:";
        changes.add(Change::value(class, Kind::Documentation, words, before, after));
    }
    for prompt in &old.prompts {
        match new.prompts.iter().find(|next| next.name == prompt.name) {
            Some(next) => compare_prompts(prompt, next, changes),
            None => changes.add(about_prompt(Class::Breaking, prompt, " removed")),
        }
    }
    let is_new = |prompt: &&Prompt| old.prompts.iter().all(|known| known.name != prompt.name);
    for prompt in new.prompts.iter().filter(is_new) {
        changes.add(about_prompt(Class::Behaviour, prompt, " added"));
    }
}

fn about_prompt(class: Class, prompt: &Prompt, words: &str) -> Change {
    let name = prompt.name.as_str();
    Change::new(class, Kind::Prompt, Phrase::of(["prompt ", name, words])).about(name)
}

fn compare_prompts(old: &Prompt, new: &Prompt, changes: &mut Changes) {
    let Prompt { name, title, description, arguments, text: written } = old;
    let name = name.as_str();
    for (words, before, after) in [
        ("title", title, &new.title),
        ("description", description, &new.description),
        ("text", written, &new.text),
    ] {
        if let Some(change) = text(words, before, after) {
            let mut phrase = Phrase::of(["prompt ", name, ": "]);
            phrase.append(change.phrase.clone());
            changes.add(Change { kind: Kind::Prompt, phrase, ..change }.about(name));
        }
    }
    let mut add = |class: Class, argument: &str, words: &str| {
        let phrase = Phrase::of(["prompt ", name, ": argument ", argument, words]);
        changes.add(Change::new(class, Kind::Prompt, phrase).about(name));
    };
    for argument in arguments {
        match new.arguments.iter().find(|next| next.name == argument.name) {
            Some(next) => {
                compare_arguments(argument, next, &mut |class, words| {
                    add(class, argument.name.as_str(), words);
                });
            }
            None => add(Class::Breaking, argument.name.as_str(), " removed"),
        }
    }
    let is_new = |argument: &&PromptArgument| arguments.iter().all(|known| known.name != argument.name);
    for argument in new.arguments.iter().filter(is_new) {
        let (class, words) = match argument.required {
            true => (Class::Breaking, " added and required"),
            false => (Class::Behaviour, " added"),
        };
        add(class, argument.name.as_str(), words);
    }
}

fn compare_arguments(old: &PromptArgument, new: &PromptArgument, add: &mut dyn FnMut(Class, &str)) {
    let PromptArgument { name: _, description, required, default, values } = old;
    match (required, new.required) {
        (false, true) => add(Class::Breaking, " newly required"),
        (true, false) => add(Class::Behaviour, " no longer required"),
        _ => {}
    }
    if description != &new.description {
        add(Class::Wording, " described in other words");
    }
    if default != &new.default {
        add(Class::Behaviour, " has another default");
    }
    let [before, after] = [values, &new.values].map(|values| values.iter().collect::<BTreeSet<_>>());
    if before == after {
        return;
    }
    let takes_all = [before.is_empty(), after.is_empty()];
    let takes_less = match takes_all {
        [_, true] => false,
        [true, false] => true,
        [false, false] => !before.is_subset(&after),
    };
    match takes_less {
        true => add(Class::Breaking, " takes fewer or other values"),
        false => add(Class::Behaviour, " takes more values"),
    }
}

/// Compares the resources through which clients read a tool's reply.
pub(crate) fn compare_resources(old: Option<&Resource>, new: Option<&Resource>, found: &mut Vec<Change>) {
    let is_tool = |resource: Option<&Resource>| resource.is_none_or(|resource| resource.is_tool);
    match (is_tool(old), is_tool(new)) {
        (true, false) => {
            let phrase = Phrase::of(["is now only a resource and no longer a tool"]);
            found.push(Change::new(Class::Breaking, Kind::Resource, phrase));
        }
        (false, true) => {
            let phrase = Phrase::of(["is a tool again"]);
            found.push(Change::new(Class::Behaviour, Kind::Resource, phrase));
        }
        _ => {}
    }
    let (Some(old), Some(new)) = (old, new) else {
        let [before, after] = [old, new].map(|resource| resource.map(|resource| resource.uri.as_str()));
        if before != after {
            let class = if after.is_some() { Class::Behaviour } else { Class::Breaking };
            found.push(Change::value(class, Kind::Resource, "resource", before, after));
        }
        return;
    };
    let Resource { uri, arguments: _, title, description, media_type, is_tool: _ } = old;
    if uri != &new.uri || old.arguments != new.arguments {
        let class = if keeps_addresses(old, new) { Class::Behaviour } else { Class::Breaking };
        found.push(Change::value(class, Kind::Resource, "resource", Some(uri), Some(&new.uri)));
    }
    if media_type != &new.media_type {
        let (before, after) = (media_type.as_deref(), new.media_type.as_deref());
        let words = "media type of the resource";
        found.push(Change::value(Class::Behaviour, Kind::Resource, words, before, after));
    }
    for (words, before, after) in [
        ("title of the resource", title, &new.title),
        ("description of the resource", description, &new.description),
    ] {
        let [before, after] = [before, after].map(|text| text.as_deref().unwrap_or_default());
        found.extend(text(words, before, after));
    }
}

/// Whether every URI of the old resource is also a URI of the new resource, with the same meaning.
fn keeps_addresses(old: &Resource, new: &Resource) -> bool {
    let [before, after] = [old, new].map(|resource| UriTemplate::parse(&resource.uri));
    let (Ok(before), Ok(after)) = (before, after) else { return false };
    let pairs = |template: &UriTemplate, resource: &Resource| -> Vec<_> {
        let variables = template.variables().cloned();
        variables.zip(resource.arguments.iter().cloned()).collect()
    };
    let (old, new) = (pairs(&before, old), pairs(&after, new));
    let is_kept = |(variable, argument): &(jackfield_model::TemplateVariable, jackfield_model::ArgName)| {
        // The name of a path variable is not part of a URI.
        let mut same = new.iter().filter(|(other, _)| other.kind == variable.kind);
        same.any(|(other, own)| {
            own == argument && (other.name == variable.name || !variable.kind.is_optional())
        })
    };
    before.shape() == after.shape() && old.iter().all(is_kept)
}
