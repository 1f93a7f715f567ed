//! Finds patterns of rules that match nothing in a connector.

use jackfield_recipe::{fits_glob, nearest};

use super::document::RightsDocument;
use super::error::RightsError;
use crate::engine::known_tool::KnownTool;
use crate::engine::request::{Target, TargetKind};

/// Checks that each pattern matches a tool or a tag of the connector, and that each rule about tools allows at least one
/// tool.
///
/// # Errors
/// Returns an error if a pattern matches nothing, or if a rule allows no tool.
pub(crate) fn check(document: &RightsDocument, tools: &[KnownTool]) -> Result<(), RightsError> {
    let refuse = |offset, problem: String, near: Option<&str>| {
        let remedy = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "correct it, remove it, or add --allow-unmatched".to_owned(),
        };
        RightsError::at(&document.text, offset, problem, remedy)
    };
    let names = || tools.iter().map(|tool| tool.name.as_str());
    let tags = || tools.iter().filter_map(|tool| tool.tag.as_deref());
    for rule in &document.rules {
        let Some(targets) = &rule.targets else { continue };
        for (pattern, offset) in targets.tools.iter().flat_map(|patterns| patterns.all()) {
            if !names().any(|name| fits_glob(pattern, name)) {
                let parts = KnownTool::operations_of(tools, pattern);
                if !parts.is_empty() {
                    let problem =
                        format!("`{pattern}` of {rule} is a merged tool, and rights apply to its operations");
                    let remedy = format!("write \"{}\"", parts.join("\", \""));
                    return Err(RightsError::at(&document.text, offset, problem, remedy));
                }
                let problem = format!("`{pattern}` of {rule} matches no tool of this connector");
                return Err(refuse(offset, problem, nearest(pattern, names())));
            }
        }
        for (pattern, offset) in targets.tags.iter().flat_map(|patterns| patterns.all()) {
            if !tags().any(|tag| fits_glob(pattern, tag)) {
                let problem = format!("`{pattern}` of {rule} matches no tag of this connector");
                return Err(refuse(offset, problem, nearest(pattern, tags())));
            }
        }
        let is_about_others = targets.tools.is_none()
            && targets.tags.is_none()
            && (targets.resources.is_some() || targets.prompts.is_some());
        let covered = tools.iter().any(|tool| {
            let target = Target { kind: TargetKind::Tool, name: &tool.name, effect: tool.effect };
            rule.covers(target, tool.tag.as_deref())
        });
        if !is_about_others && !covered {
            let problem = format!("{rule} allows no tool of this connector");
            return Err(refuse(rule.offset, problem, None));
        }
    }
    Ok(())
}
