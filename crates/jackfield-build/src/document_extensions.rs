//! The note about extensions in which a document hides, names or describes its own tools.

use jackfield_model::{Code, Connector, Diagnostic, Place};
use jackfield_surface::Facts;

/// Returns the note, if the document has extensions about tools. `chosen` says which operations are tools.
pub(crate) fn note(
    operations: &[Facts<'_>],
    chosen: &[bool],
    connector: &Connector,
    root: Place,
) -> Option<Diagnostic> {
    let hidden =
        operations.iter().zip(chosen).filter(|(facts, is_chosen)| facts.is_hidden && !**is_chosen).count();
    let count = |has: &dyn Fn(&jackfield_model::StatedTool) -> bool| {
        connector.operations().filter(|operation| has(&operation.stated.tool)).count()
    };
    let parts = [
        ("hides", hidden),
        ("names", count(&|tool| tool.name.is_some())),
        ("describes", count(&|tool| tool.title.is_some() || tool.description.is_some())),
        ("states the effect of", count(&|tool| tool.effect.is_some())),
    ];
    let ignored: Vec<&str> = connector
        .operations()
        .flat_map(|operation| &operation.stated.tool.ignored)
        .map(String::as_str)
        .collect();
    let mut said: Vec<String> =
        parts.iter().filter(|(_, count)| *count > 0).map(|(verb, count)| format!("{verb} {count}")).collect();
    if said.is_empty() && ignored.is_empty() {
        return None;
    }
    if let Some(first) = ignored.first() {
        said.push(format!("sets `{first}`, which is ignored"));
    }
    let problem = format!("the document has extensions about tools: it {}", said.join(", "));
    Some(
        Diagnostic::note(Code::DocumentExtension, root, problem)
            .so("such extensions can hide, name and describe tools and raise their effects; they cannot lower an effect, weaken an approval or a limit, or add an origin")
            .help("connector.toml takes precedence: name a hidden operation in `include`, or use [rename], [describe] and [effect]"),
    )
}
