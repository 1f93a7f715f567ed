//! Findings about choices of connector.toml that match no operation.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Candidate, Connector, Diagnostic, Location, Step, nearest};
use jackfield_openapi::MatchedKeys;
use jackfield_surface::{ChosenName, Known, Selected};

use crate::manifest::{Manifest, Span, Table};

/// The remedy for a choice that matches nothing.
type Remedy<'r> = &'r dyn Fn(&str) -> String;

/// The findings about all choices that match nothing, and about tools that have the same name.
pub(crate) fn unmatched(
    manifest: &Manifest,
    candidates: &[Candidate<'_>],
    selected: &Selected,
    matched: &MatchedKeys,
) -> Vec<Diagnostic> {
    let known = LazyCell::new(|| Known::of(candidates));
    let remedy = |choice: &str| known.remedy(choice);
    let mut out = unmatched_selectors(manifest, selected, &remedy);
    if !manifest.spans.is_empty() {
        let keys = selected.keys(candidates);
        for ((table, key), span) in manifest.spans.iter().filter(|((_, key), _)| !keys.contains(key)) {
            let table = table.as_str();
            let problem = format!("`{key}` in [{table}] matches no operation that becomes a tool");
            out.push(manifest.unmatched(span.clone(), problem).help(remedy(key)));
        }
    }
    out.extend(unmatched_media(manifest, matched, &remedy));
    for (key, span) in manifest.forms.keys().filter(|(key, _)| !matched.forms.contains(*key)) {
        let problem = format!("`{key}` in [form] matches no operation that becomes a tool and sends a form");
        out.push(manifest.unmatched(span.clone(), problem).help(remedy(key)));
    }
    for (key, span) in manifest.whole_bodies.iter().filter(|(key, _)| !matched.whole_bodies.contains(*key)) {
        let problem = format!(
            "`{key}` in [body] matches no operation that becomes a tool and has a body with a schema"
        );
        out.push(manifest.unmatched(span.clone(), problem).help(remedy(key)));
    }
    out.extend(shared_names(manifest));
    out
}

/// The findings about choices of parameters that no selected operation declares.
pub(crate) fn unmatched_parameters(manifest: &Manifest, connector: &Connector) -> Vec<Diagnostic> {
    if manifest.query.is_empty() && manifest.arguments.is_empty() {
        return Vec::new();
    }
    let steps = connector.operations().flat_map(|operation| &operation.recipe);
    let parameters: BTreeSet<(Location, &str)> = steps.filter_map(parameter).collect();
    let choices = manifest.query.iter().map(|(name, _, span)| (name, span, "[query]", true));
    let choices =
        choices.chain(manifest.arguments.iter().map(|(name, span)| (name, span, "`arguments`", false)));
    let findings = choices.filter_map(|(name, span, list, is_query)| {
        let fits = |location: Location| !is_query || location == Location::Query;
        let mut fitting = parameters.iter().filter(|(location, _)| fits(*location));
        if fitting.any(|(location, wire)| location.is_same_name(wire, name)) {
            return None;
        }
        let what = if is_query { "query parameter" } else { "parameter" };
        let problem = format!("`{name}` in {list} is not a {what} of an operation that becomes a tool");
        let known = parameters.iter().filter(|(location, _)| fits(*location)).map(|(_, wire)| *wire);
        let finding = manifest.unmatched(span.clone(), problem);
        Some(match nearest(name, known) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        })
    });
    findings.collect()
}

/// The finding about a tool that does not exist.
pub(crate) fn unknown_tool(
    manifest: &Manifest,
    name: &str,
    span: &Span,
    key: &str,
    names: &[ChosenName],
) -> Diagnostic {
    let finding =
        manifest.unmatched(span.clone(), format!("`{name}` in {key} is not a tool of the document"));
    match nearest(name, names.iter().map(|known| known.name.as_str())) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("`jackfield inspect` lists the tools"),
    }
}

/// The location and name of the parameter that a step adds.
fn parameter(step: &Step) -> Option<(Location, &str)> {
    match step {
        Step::Query { wire, .. } => Some((Location::Query, wire)),
        Step::Header { wire, .. } => Some((Location::Header, wire)),
        Step::Cookie { wire, .. } => Some((Location::Cookie, wire)),
        _ => None,
    }
}

fn unmatched_selectors(manifest: &Manifest, selected: &Selected, remedy: Remedy<'_>) -> Vec<Diagnostic> {
    let lists = [
        (&manifest.include, &selected.included, "include"),
        (&manifest.exclude, &selected.excluded, "exclude"),
    ];
    let mut out = Vec::new();
    for (selectors, matched, word) in lists {
        for ((selector, span), _) in selectors.iter().zip(matched).filter(|(_, matched)| !**matched) {
            let problem = format!("`{}` in {word} matches no operation", selector.as_str());
            out.push(manifest.unmatched(span.clone(), problem).help(remedy(selector.as_str())));
        }
    }
    out
}

fn unmatched_media(manifest: &Manifest, matched: &MatchedKeys, remedy: Remedy<'_>) -> Vec<Diagnostic> {
    let findings =
        manifest.media.iter().filter_map(|(key, (media_type, span))| match matched.media.get(key) {
            Some(None) => None,
            Some(Some(offered)) => {
                let offered = offered.join("`, `");
                let problem = format!("`{key}` in [media] does not offer `{media_type}`, only `{offered}`");
                Some(manifest.unmatched(span.clone(), problem))
            }
            None => {
                let problem =
                    format!("`{key}` in [media] matches no operation that becomes a tool and has a body");
                Some(manifest.unmatched(span.clone(), problem).help(remedy(key)))
            }
        });
    findings.collect()
}

/// The findings about tools that are renamed to the same name.
fn shared_names(manifest: &Manifest) -> Vec<Diagnostic> {
    let (mut tools, mut out) = (BTreeMap::new(), Vec::new());
    for (key, tool) in &manifest.renames {
        if let Some(other) = tools.insert(tool.as_str(), key) {
            let span = manifest.spans.get(&(Table::Rename, key.clone())).cloned().unwrap_or(0..0);
            let problem = format!("`{other}` and `{key}` are both renamed to `{tool}`");
            out.push(manifest.unmatched(span, problem));
        }
    }
    out
}
