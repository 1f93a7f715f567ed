//! Reports tools that read or write, depending on an argument.

use jackfield_build::model::{Code, Diagnostic, Effect};
use serde_json::Value;

use super::list_entry::ListEntry as _;
use super::name_words::{READS, WRITES};
use super::subject::{Subject, Tool};

/// Names of arguments that choose what a tool does.
const CHOOSERS: [&str; 9] =
    ["action", "operation", "op", "method", "http_method", "verb", "command", "cmd", "action_type"];
/// Reports tools with an argument that chooses between reading and writing.
pub(super) fn tools(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for tool in &subject.tools {
        let reads = |operation: &Tool| operation.effect == Effect::Read;
        if tool.each().any(reads) && !tool.each().all(reads) {
            let problem = format!("`{}` merges operations that read and operations that do not", tool.name);
            found.push(
                Diagnostic::warning(Code::MixedTool, tool.place.clone(), problem)
                    .so("Claude's directory requires separate tools for reads and writes, because the annotations of a tool can describe only one of the two")
                    .help("merge only operations that read, or only operations that do not")
                    .fix(tool.exclusion()),
            );
            continue;
        }
        for name in choosers(tool.properties()) {
            let problem = format!("`{}` reads or writes, depending on the argument `{name}`", tool.name);
            found.push(
                Diagnostic::warning(Code::MixedTool, tool.place.clone(), problem)
                    .so("Claude's directory requires separate tools for reads and writes, because the annotations of a tool can describe only one of the two")
                    .help("exclude the tool, and write a tool for each action in src/custom.rs")
                    .fix(tool.exclusion()),
            );
        }
    }
}

/// Returns the names of the arguments that choose between reading and writing.
pub(super) fn choosers<'t>(
    properties: impl Iterator<Item = (&'t String, &'t Value)>,
) -> impl Iterator<Item = &'t String> {
    let chooses = |(name, schema): &(&String, &Value)| {
        let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
        let words: Vec<String> = values
            .filter_map(Value::as_str)
            .filter_map(|value| value.split(|c: char| !c.is_alphanumeric()).next().map(str::to_lowercase))
            .collect();
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        CHOOSERS.contains(&name.as_str()) && has(&READS) && has(&WRITES)
    };
    properties.filter(chooses).map(|(name, _)| name)
}
