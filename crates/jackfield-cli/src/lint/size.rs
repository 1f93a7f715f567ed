//! Reports tools and lists with many tokens, and arguments that look constant.

use jackfield_build::model::text::{toml_key, toml_text};
use jackfield_build::model::{Code, Diagnostic, Fix, Location, Place, SurfaceKind};
use jackfield_build::o200k;
use serde_json::Value;

use super::list_entry::ListEntry;
use super::profile::Profile;
use super::subject::{Subject, manifest_place};

/// The number of tokens above which a tool is reported.
pub(super) const DEAR: usize = 2_000;
/// The limit with the profile `small-context`.
const DEAR_IN_SMALL_CONTEXT: usize = 500;
/// The number of arguments that a finding names.
const NAMED: usize = 3;

/// Reports tools with many tokens, and their largest arguments.
pub(super) fn tools(subject: &Subject, profiles: &[Profile], found: &mut Vec<Diagnostic>) {
    let most = if profiles.contains(&Profile::SmallContext) { DEAR_IN_SMALL_CONTEXT } else { DEAR };
    // With the search surface, clients get the definition of a tool only when they need it.
    if matches!(subject.surface, SurfaceKind::Search) {
        return;
    }
    for tool in subject.tools.iter().filter(|tool| tool.tokens > most) {
        let problem = format!(
            "`{}` uses {} tokens in each conversation; its largest arguments are {}",
            tool.name,
            tool.tokens,
            largest(tool)
        );
        found.push(
            Diagnostic::warning(Code::DearTool, tool.place.clone(), problem)
                .so(format!("more than {most} tokens are spent before the tool is called"))
                .help("exclude it, hide arguments that are not needed, or let clients search for tools")
                .help_many(
                    "exclude them, hide arguments that are not needed, or let clients search for tools",
                )
                .fix(Fix::line("", "surface = \"search\"")),
        );
    }
}

/// Names the largest arguments of a tool, each with its number of tokens.
pub(super) fn largest(tool: &impl ListEntry) -> String {
    let tokenizer = o200k();
    let mut sizes: Vec<(usize, &String)> =
        tool.properties().map(|(name, schema)| (tokenizer.count(&schema.to_string()), name)).collect();
    sizes.sort_by(|a, b| b.cmp(a));
    let shared =
        tool.listed().get("inputSchema").and_then(|schema| schema.get("$defs")).map(Value::to_string);
    let named = sizes.iter().take(NAMED).map(|(tokens, name)| format!("`{name}` ({tokens})"));
    let shared = shared.map(|shared| format!("shared schemas ({})", tokenizer.count(&shared)));
    named.chain(shared).collect::<Vec<_>>().join(", ")
}

/// Reports a list with more tokens than a profile allows.
pub(super) fn list(subject: &Subject, profiles: &[Profile], found: &mut Vec<Diagnostic>) {
    if matches!(subject.surface, SurfaceKind::Search | SurfaceKind::Auto) {
        return;
    }
    let limits = profiles.iter().filter_map(|profile| Some((profile.list_tokens()?, profile)));
    let Some((most, profile)) =
        limits.min_by_key(|(most, _)| *most).filter(|(most, _)| subject.tokens > *most)
    else {
        return;
    };
    let problem = format!(
        "the list of {} tools uses {} tokens, more than the {most} of {}",
        subject.tools.iter().filter(|tool| tool.tokens > 0).count(),
        subject.tokens,
        profile.as_str()
    );
    let place = subject.manifest.line_of(&["document"]).map(manifest_place);
    let Some(place) = place.or_else(|| subject.tools.first().map(|tool| root_of(&tool.place))) else {
        return;
    };
    found.push(
        Diagnostic::warning(Code::LongList, place, problem)
            .so("clients truncate the list, or refuse the connector")
            .help("choose tools with `include` and `exclude`, or let clients search for tools")
            .fix(Fix::line("", "surface = \"search\"")),
    );
}

fn root_of(place: &Place) -> Place {
    Place { pointer: jackfield_build::model::Pointer::root(), ..place.clone() }
}

/// Reports arguments that have the same value in all calls.
pub(super) fn constants(subject: &Subject, found: &mut Vec<Diagnostic>) {
    let Some(first) = subject.tools.first() else { return };
    for constant in &subject.constants {
        let (table, kind) = match constant.location {
            Location::Header => ("headers", "header"),
            _ => ("query", "query parameter"),
        };
        let problem = format!("the {kind} `{}` of {} tools looks constant", constant.wire, constant.tools);
        let line = constant
            .example
            .as_deref()
            .map(|value| Fix::line(table, format!("{} = {}", toml_key(&constant.wire), toml_text(value))));
        found.push(
            Diagnostic::warning(Code::ConstantArgument, root_of(&first.place), problem)
                .so("each of these tools has an argument with this name, and a model has to guess the value")
                .help("in connector.toml, set its value, or list its name in `ask_for` to keep the argument")
                .fix(line),
        );
    }
}
