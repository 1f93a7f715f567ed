//! The tools that the rules for replies in connector.toml are for.

use std::sync::OnceLock;

use jackfield_model::text::toml_key;
use jackfield_model::{Arg, ArgName, Connector, Diagnostic, ReplyRule};
use jackfield_surface::ChosenName;

use crate::manifest::{ALL_REPLIES, Manifest, Refusal};
use crate::unmatched::unknown_tool;

/// Checks a program, and returns why it cannot be compiled.
pub type JqCheck = fn(&str) -> Result<(), String>;

static JQ_CHECK: OnceLock<JqCheck> = OnceLock::new();

/// Sets the check of programs in connector.toml. Without it, a connector reports them when it is called. Only the first check counts.
pub fn check_jq_with(check: JqCheck) {
    _ = JQ_CHECK.set(check);
}

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
        if let Some((program, span)) = &choice.jq
            && let Some(check) = JQ_CHECK.get()
            && let Err(why) = check(program)
        {
            let problem = format!("`jq` in [replies.{}] cannot be compiled: {why}", toml_key(key));
            let help = "write a filter as in `.items[] | {id, name}`";
            errors.push(manifest.refuse(Refusal::new(span.clone(), problem, help)));
        }
        let is_row = !choice.redact.is_empty()
            || !choice.keep.is_empty()
            || !choice.drop.is_empty()
            || choice.items.is_some()
            || choice.bytes.is_some()
            || choice.jq.is_some();
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
            jq: choice.jq.as_ref().map(|(program, _)| program.clone()),
        });
    }
    remove_outputs(manifest, connector, names);
    connector.replies = rules;
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Removes the output schemas of tools whose replies a program changes.
fn remove_outputs(manifest: &Manifest, connector: &mut Connector, names: &[ChosenName]) {
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, name) in operations.zip(names) {
        let mut choices = manifest.replies.iter().filter(|(key, ..)| key == name.name.as_str());
        if choices.any(|(_, _, choice)| choice.jq.is_some()) {
            operation.output = None;
        }
    }
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
