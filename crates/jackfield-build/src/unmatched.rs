//! Findings about choices of connector.toml that match no operation.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::text::toml_key;
use jackfield_model::{Connector, Diagnostic, Location, Step, nearest};
use jackfield_openapi::MatchedKeys;
use jackfield_surface::{ChosenName, Known, Selected};

use crate::bodies::BodyRules;
use crate::manifest::{Manifest, RuleTable, Span};

/// The remedy for a choice that matches nothing.
type Remedy<'r> = &'r dyn Fn(&str) -> String;

/// Returns findings about selectors and body rules that match nothing, and about tools that are renamed to the same name.
pub(crate) fn unmatched(
    manifest: &Manifest,
    known: &dyn Fn() -> Known,
    selected: &Selected,
    bodies: &BodyRules,
    matched: &MatchedKeys,
) -> Vec<Diagnostic> {
    let known = LazyCell::new(known);
    let remedy = |choice: &str| known.remedy(choice);
    let mut out = unmatched_selectors(manifest, selected, &remedy);
    out.extend(unmatched_media(manifest, bodies, matched, &remedy));
    out.extend(unmatched_bodies(
        manifest,
        &manifest.forms.operations,
        &bodies.forms,
        &|route| matched.forms.contains(route),
        "in [form] matches no operation that becomes a tool and sends a form",
        &remedy,
    ));
    out.extend(unmatched_bodies(
        manifest,
        &manifest.whole_bodies,
        &bodies.whole,
        &|route| matched.whole_bodies.contains(route),
        "in [body] matches no operation that becomes a tool and has a body with a schema",
        &remedy,
    ));
    out.extend(shared_names(manifest));
    out
}

/// Returns findings about rules that apply to no body.
fn unmatched_bodies<T>(
    manifest: &Manifest,
    table: &RuleTable<T>,
    routes: &BTreeMap<String, usize>,
    is_matched: &dyn Fn(&str) -> bool,
    problem: &str,
    remedy: Remedy<'_>,
) -> Vec<Diagnostic> {
    let used: BTreeSet<usize> =
        routes.iter().filter(|(route, _)| is_matched(route)).map(|(_, rule)| *rule).collect();
    let idle = table.iter().enumerate().filter(|(rule, _)| !used.contains(rule));
    let findings = idle.map(|(_, (key, span, _))| {
        manifest.unmatched(span.clone(), format!("`{key}` {problem}")).help(remedy(key))
    });
    findings.collect()
}

/// Returns findings about parameters in connector.toml that no selected operation declares.
pub(crate) fn unmatched_parameters(manifest: &Manifest, connector: &Connector) -> Vec<Diagnostic> {
    if manifest.query.is_empty() && manifest.ask_for.is_empty() {
        return Vec::new();
    }
    let steps = connector.operations().flat_map(|operation| &operation.recipe);
    let parameters: BTreeSet<(Location, &str)> = steps.filter_map(parameter).collect();
    let choices = manifest.query.iter().map(|(name, _, span)| (name, span, "[query]", true));
    let choices = choices.chain(manifest.ask_for.iter().map(|(name, span)| (name, span, "`ask_for`", false)));
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

/// Creates the finding about a name that is not a tool.
pub(crate) fn unknown_tool(
    manifest: &Manifest,
    name: &str,
    span: &Span,
    key: &str,
    names: &[ChosenName],
) -> Diagnostic {
    let finding =
        manifest.unmatched(span.clone(), format!("`{name}` in {key} is not a tool of the document"));
    let merged = names.iter().find(|known| known.name.as_str() == name).and_then(|it| it.merged.as_ref());
    if let Some(merged) = merged {
        return manifest
            .unmatched(
                span.clone(),
                format!("`{name}` in {key} is an operation of a merged tool, and has no tool of its own"),
            )
            .help(format!("write the name of the merged tool: `{}`", merged.into.tool));
    }
    if manifest.merges.has(name) {
        return manifest.unmatched(span.clone(), format!("`{name}` in {key} is a merged tool")).help(
            format!(
                "write the name of an operation instead; `[merge.{}]` lists the operations of this tool",
                toml_key(name)
            ),
        );
    }
    let own = names.iter().filter(|known| known.merged.is_none()).map(|known| known.name.as_str());
    let merges = manifest.merges.choices.iter().map(|choice| choice.name.as_str());
    match nearest(name, own.chain(merges)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("`jackfield inspect` lists the tools"),
    }
}

/// Returns the location and name of the parameter that a step adds.
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

fn unmatched_media(
    manifest: &Manifest,
    bodies: &BodyRules,
    matched: &MatchedKeys,
    remedy: Remedy<'_>,
) -> Vec<Diagnostic> {
    let findings = manifest.media.iter().enumerate().filter_map(|(rule, (key, _, (media_type, span)))| {
        let routes = bodies.media.iter().filter(|(_, own)| **own == rule);
        let outcomes: Vec<&Option<Vec<String>>> =
            routes.filter_map(|(route, _)| matched.media.get(route)).collect();
        if outcomes.iter().any(|outcome| outcome.is_none()) {
            return None;
        }
        Some(match outcomes.into_iter().flatten().next() {
            Some(offered) => {
                let offered = offered.join("`, `");
                let problem = format!("`{key}` in [media] does not offer `{media_type}`, only `{offered}`");
                manifest.unmatched(span.clone(), problem)
            }
            None => {
                let problem =
                    format!("`{key}` in [media] matches no operation that becomes a tool and has a body");
                manifest.unmatched(span.clone(), problem).help(remedy(key))
            }
        })
    });
    findings.collect()
}

/// Returns the findings about tools that are renamed to the same name.
fn shared_names(manifest: &Manifest) -> Vec<Diagnostic> {
    let (mut tools, mut out) = (BTreeMap::new(), Vec::new());
    for (key, span, tool) in manifest.renames.iter() {
        if let Some(other) = tools.insert(tool.as_str(), key) {
            let problem = format!("`{other}` and `{key}` are both renamed to `{tool}`");
            out.push(manifest.unmatched(span.clone(), problem));
        }
    }
    out
}
