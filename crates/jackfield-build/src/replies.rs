//! The tools that the rules for replies in connector.toml are for.

use jackfield_model::{Arg, ArgName, Connector, Diagnostic, ReplyRule};
use jackfield_surface::ChosenName;

use crate::manifest::{ALL_REPLIES, Manifest};
use crate::unmatched::unknown_tool;

/// Sets the rules of a connector whose tools have these names in the order of the model, and adds the argument of the tools whose calls choose
/// the parts of their replies.
///
/// # Errors
/// A key is neither `*` nor the name of a tool.
pub(crate) fn apply(
    manifest: &Manifest,
    connector: &mut Connector,
    names: &[ChosenName],
) -> Result<(), Vec<Diagnostic>> {
    if manifest.replies.is_empty() {
        return Ok(());
    }
    add_fields(manifest, connector, names);
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for (key, span, choice) in &manifest.replies {
        let tool = names.iter().find(|known| known.name.as_str() == key).map(|known| known.name.clone());
        if tool.is_none() && key != ALL_REPLIES {
            errors.push(unknown_tool(manifest, key, span, "[replies]", names));
            continue;
        }
        let is_row = !choice.redact.is_empty()
            || !choice.keep.is_empty()
            || !choice.drop.is_empty()
            || choice.items.is_some()
            || choice.bytes.is_some();
        if !is_row {
            continue;
        }
        rules.push(ReplyRule {
            tool,
            redact: choice.redact.clone(),
            keep: choice.keep.clone(),
            drop: choice.drop.clone(),
            items: choice.items,
            bytes: choice.bytes,
        });
    }
    connector.replies = rules;
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn add_fields(manifest: &Manifest, connector: &mut Connector, names: &[ChosenName]) {
    let choice = |key: &str| {
        let found = manifest.replies.iter().find(|(known, ..)| known == key);
        found.and_then(|(_, _, choice)| choice.fields)
    };
    let all = choice(ALL_REPLIES);
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, name) in operations.zip(names) {
        if choice(name.name.as_str()).or(all) != Some(true) {
            continue;
        }
        let Some(argument) = free_name(&operation.args) else { continue };
        operation.args.push(Arg::of_reply_fields(argument.clone()));
        operation.reply_fields = Some(argument);
    }
}

/// A name that no other argument has.
fn free_name(args: &[Arg]) -> Option<ArgName> {
    let candidates = ["fields".to_owned(), "reply_fields".to_owned()];
    let numbered = (2..).map(|number| format!("reply_fields_{number}"));
    let mut free = candidates
        .into_iter()
        .chain(numbered)
        .filter(|name| !args.iter().any(|arg| arg.name.as_str().eq_ignore_ascii_case(name)));
    free.find_map(|name| ArgName::new(name).ok())
}
