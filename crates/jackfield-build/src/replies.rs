//! The tools that the rules for replies in connector.toml are for.

use jackfield_model::{Diagnostic, ReplyRule};
use jackfield_surface::ChosenName;

use crate::manifest::{ALL_REPLIES, Manifest};
use crate::unmatched::unknown_tool;

/// The rules of a connector whose tools have these names.
///
/// # Errors
/// A key is neither `*` nor the name of a tool.
pub(crate) fn rules(manifest: &Manifest, names: &[ChosenName]) -> Result<Vec<ReplyRule>, Vec<Diagnostic>> {
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for (key, span, choice) in &manifest.replies {
        let tool = names.iter().find(|known| known.name.as_str() == key).map(|known| known.name.clone());
        if tool.is_none() && key != ALL_REPLIES {
            errors.push(unknown_tool(manifest, key, span, "[replies]", names));
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
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}
