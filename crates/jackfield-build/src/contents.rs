//! The prompts and the documentation of connector.toml.

use jackfield_model::text::toml_key;
use jackfield_model::{Connector, Diagnostic, Prompt};
use jackfield_surface::ChosenName;

use crate::manifest::{Manifest, Refusal};
use crate::unmatched::unknown_tool;

/// Sets the prompts of a connector. `names` are the names of its tools. Returns findings about prompts that refer to something other than a
/// tool.
pub(crate) fn apply(manifest: &Manifest, connector: &mut Connector, names: &[ChosenName]) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let choices = &manifest.contents;
    for choice in &choices.prompts {
        let table = format!("[prompts.{}]", toml_key(choice.name.as_str()));
        for tool in choice.tools.iter().filter(|tool| !manifest.merges.has(tool.as_str())) {
            let mut named = connector.operations().zip(names);
            match named.find(|(_, name)| name.name.as_str() == tool) {
                None => errors.push(unknown_tool(manifest, tool, &choice.span, &table, names)),
                Some((operation, _)) if !operation.is_tool() => {
                    let problem = format!("`{{tool:{tool}}}` in {table} is only a resource, not a tool");
                    let help = "name a tool, or remove `tool = false` from the table of this resource in [resources]";
                    errors.push(manifest.refuse(Refusal::new(choice.span.clone(), problem, help)));
                }
                Some((_, name)) => {
                    if let Some(merged) = &name.merged {
                        let into = &merged.into.tool;
                        let problem = format!(
                            "`{{tool:{tool}}}` in {table} is an operation of the merged tool `{into}`, not a tool"
                        );
                        let help = format!("write `{{tool:{into}}}`");
                        errors.push(manifest.refuse(Refusal::new(choice.span.clone(), problem, help)));
                    }
                }
            }
        }
    }
    connector.prompts = choices
        .prompts
        .iter()
        .map(|choice| Prompt {
            name: choice.name.clone(),
            title: choice.title.clone(),
            description: choice.description.clone(),
            arguments: choice.arguments.clone(),
            text: choice.text.clone(),
        })
        .collect();
    connector.documentation = choices.documentation;
    errors
}
