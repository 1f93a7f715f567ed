//! Finds the tools to which the limits of connector.toml apply.

use std::collections::BTreeMap;

use jackfield_model::text::toml_key;
use jackfield_model::{Candidate, Connector, Diagnostic, RateLimit, ToolName, nearest};
use jackfield_surface::{ChosenName, Selector};

use crate::manifest::{Manifest, RateChoice, Refusal, Span};

/// The limits of a connector. `candidates` are the operations with their tags. `names` are the tool names in
/// the order of the model.
///
/// # Errors
/// Returns an error if a key chooses no tool, or two keys choose the same one.
pub(crate) fn limits(
    manifest: &Manifest,
    connector: &Connector,
    candidates: &[Candidate<'_>],
    names: &[ChosenName],
) -> Result<Vec<RateLimit>, Vec<Diagnostic>> {
    let limit = |key: &str, tools: Vec<ToolName>, choice: &RateChoice| RateLimit {
        key: key.to_owned(),
        tools,
        calls: choice.calls,
        concurrent: choice.concurrent,
        queue: choice.queue,
    };
    let mut limits = Vec::new();
    if manifest.rates.all != RateChoice::default() {
        limits.push(limit("", Vec::new(), &manifest.rates.all));
    }
    let tools = tools(connector, candidates, names);
    let (mut errors, mut taken) = (Vec::new(), BTreeMap::<ToolName, &str>::new());
    // A key that is the name of a tool is not treated as a selector.
    let named =
        |key: &str| names.iter().find(|known| known.name.as_str() == key).map(|known| known.name.clone());
    for (key, span, choice) in &manifest.rates.of {
        if let Some(tool) = named(key) {
            taken.insert(tool.clone(), key);
            limits.push(limit(key, vec![tool], choice));
        } else if Selector::parse(key).is_err() {
            errors.push(unmatched(manifest, key, span, names));
        }
    }
    for (key, span, choice) in &manifest.rates.of {
        let Some(selector) = Selector::parse(key).ok().filter(|_| named(key).is_none()) else { continue };
        let fitting: Vec<&ToolName> = tools
            .iter()
            .filter(|(_, candidate)| selector.matches(candidate))
            .map(|(name, _)| *name)
            .collect();
        if fitting.is_empty() {
            errors.push(unmatched(manifest, key, span, names));
        }
        let mut chosen = Vec::new();
        for tool in fitting {
            match taken.get(tool) {
                Some(other) if *other == tool.as_str() => {}
                Some(other) => {
                    let problem = format!("`{other}` and `{key}` in [rate] both choose the tool `{tool}`");
                    let help = format!("add [rate.{}], which wins", toml_key(tool.as_str()));
                    errors.push(manifest.refuse(Refusal::new(span.clone(), problem, help)));
                }
                None => {
                    taken.insert(tool.clone(), key);
                    chosen.push(tool.clone());
                }
            }
        }
        if !chosen.is_empty() {
            limits.push(limit(key, chosen, choice));
        }
    }
    if errors.is_empty() { Ok(limits) } else { Err(errors) }
}

/// The tools with their tags for selectors. A tool without a tag has the name of its group.
fn tools<'c>(
    connector: &'c Connector,
    candidates: &'c [Candidate<'c>],
    names: &'c [ChosenName],
) -> Vec<(&'c ToolName, Candidate<'c>)> {
    let by_route: BTreeMap<String, &Candidate<'_>> =
        candidates.iter().map(|candidate| (candidate.route(), candidate)).collect();
    let operations = connector
        .groups
        .iter()
        .flat_map(|group| group.operations.iter().map(move |operation| (group, operation)));
    let tools = operations.zip(names).map(|((group, operation), name)| {
        let mut candidate = Candidate {
            method: operation.method.clone(),
            path: operation.path.clone(),
            id: operation.id.as_ref().map(|id| id.as_str()),
            tags: vec![group.tag.as_str()],
        };
        if let Some(written) = by_route.get(&candidate.route()) {
            candidate.tags.extend(&written.tags);
        }
        (&name.name, candidate)
    });
    tools.collect()
}

fn unmatched(manifest: &Manifest, key: &str, span: &Span, names: &[ChosenName]) -> Diagnostic {
    let finding = manifest.unmatched(span.clone(), format!("`{key}` in [rate] chooses no tool"));
    match nearest(key, names.iter().map(|known| known.name.as_str())) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("write the name of a tool, an operationId, `GET /path` or `tag:name`"),
    }
}
