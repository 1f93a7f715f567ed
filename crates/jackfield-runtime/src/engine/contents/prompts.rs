//! The prompts of connector.toml.

use jackfield_recipe::{Effect, PromptPart, nearest, prompt_parts};
use serde_json::{Map, Value};

use super::completion_values::beginning_with;
use crate::call::args::ArgError;
use crate::call::argument_problem::ArgumentProblem;
use crate::call::held_rows::ConnectorRows;
use crate::call::rows::Prompt;
use crate::engine::answer::Answered;
use crate::engine::context::ActiveCall;
use crate::engine::error::CallError;
use crate::engine::listing::{ListedPrompt, PromptArgument};
use crate::engine::prepared::{Prepared, PreparedCustom};
use crate::engine::request::{PromptMessage, SourceRequest, SourceResponse};
use crate::engine::source::{CallFuture, Source};
use crate::reply::content::Content;
use crate::reply::tool_result::MOST_BYTES;

/// Returns the entry of a prompt in the list for clients.
pub(crate) fn listed(prompt: &Prompt<'_>) -> ListedPrompt {
    let arguments = prompt.arguments.iter().map(|argument| PromptArgument {
        name: argument.name.to_owned(),
        description: argument.description.to_owned(),
        is_required: argument.default.is_none(),
    });
    ListedPrompt {
        name: prompt.name.to_owned(),
        title: prompt.title.to_owned(),
        description: prompt.description.to_owned(),
        arguments: arguments.collect(),
        further: serde_json::Map::new(),
    }
}

/// Returns the tools that the text of a prompt names.
pub(crate) fn tools<'p>(prompt: &Prompt<'p>) -> Vec<&'p str> {
    let parts = prompt_parts(prompt.text).unwrap_or_default().into_iter();
    let tools = parts.filter_map(|part| match part {
        PromptPart::Tool(name) => Some(name),
        _ => None,
    });
    tools.collect()
}

/// Returns the text of a prompt with the arguments filled in. `shown` returns the name by which clients know a tool.
fn filled(
    prompt: &Prompt<'_>,
    arguments: &Map<String, Value>,
    shown: impl Fn(&str) -> String,
) -> Result<String, ArgError> {
    for name in arguments.keys() {
        if !prompt.arguments.iter().any(|argument| argument.name == name) {
            let near = nearest(name, prompt.arguments.iter().map(|argument| argument.name));
            return Err(ArgError::new(name, ArgumentProblem::Unknown(near.map(str::to_owned))));
        }
    }
    let mut values: Vec<(&str, &str)> = Vec::new();
    for argument in prompt.arguments {
        let error = |problem| Err(ArgError::new(argument.name, problem));
        let value = match (arguments.get(argument.name), argument.default) {
            (Some(Value::String(text)), _) => {
                if !argument.values.is_empty() && !argument.values.contains(&text.as_str()) {
                    let values = argument.values.iter().map(|value| (*value).to_owned()).collect();
                    return error(ArgumentProblem::OtherValue(values));
                }
                text
            }
            (Some(_), _) => return error(ArgumentProblem::NoText),
            (None, Some(default)) => default,
            (None, None) => return error(ArgumentProblem::Required),
        };
        values.push((argument.name, value));
    }
    let parts = prompt_parts(prompt.text).unwrap_or_else(|_| vec![PromptPart::Text(prompt.text)]);
    let value_of =
        |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
    // The text may repeat a long argument, so its length is checked before it is built.
    let mut length = 0_usize;
    for part in &parts {
        let PromptPart::Argument(name) = part else { continue };
        length = length.saturating_add(value_of(name).len());
        if length > MOST_BYTES {
            return Err(ArgError::new(*name, ArgumentProblem::Long(MOST_BYTES)));
        }
    }
    let mut text = String::with_capacity(prompt.text.len() + length);
    for part in parts {
        match part {
            PromptPart::Text(own) => text.push_str(own),
            PromptPart::Argument(name) => text.push_str(value_of(name)),
            PromptPart::Tool(name) => text.push_str(&shown(name)),
        }
    }
    Ok(text)
}

/// One prompt as a source of answers.
pub(crate) struct PromptSource {
    pub(crate) rows: ConnectorRows,
    /// The index of the prompt.
    pub(crate) at: usize,
    /// The tools that clients see under another name: the own name and the shown name of each tool.
    pub(crate) renamed: Vec<(String, String)>,
}

impl PromptSource {
    fn answer(&self, request: SourceRequest) -> Result<SourceResponse, CallError> {
        let Some(prompt) = self.rows.get().prompts.get(self.at) else {
            return Err(CallError::unknown(&request));
        };
        match request {
            SourceRequest::GetPrompt { arguments, .. } => {
                let shown = |name: &str| {
                    let renamed = self.renamed.iter().find(|(known, _)| known == name);
                    renamed.map_or(name, |(_, shown)| shown).to_owned()
                };
                let text = filled(prompt, &arguments, shown).map_err(CallError::Bind)?;
                Ok(SourceResponse::Prompt(vec![PromptMessage::user(Content::text(text))].into()))
            }
            SourceRequest::Complete { argument, value, .. } => {
                let known = prompt.arguments.iter().find(|known| known.name == argument);
                let values = known.map_or(&[][..], |known| known.values).iter().copied();
                Ok(SourceResponse::Completion(beginning_with(&value, values).into()))
            }
            request => Err(CallError::unknown(&request)),
        }
    }
}

impl Source for PromptSource {
    fn effect(&self, _: &SourceRequest) -> Option<Effect> {
        Some(Effect::Read)
    }

    fn prepare<'a>(&'a self, request: SourceRequest, _: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        let answer = self.answer(request);
        Box::pin(std::future::ready(
            answer.map(|answer| PreparedCustom::of(move |_| Box::pin(std::future::ready(Ok(answer))))),
        ))
    }

    fn send<'a>(&'a self, prepared: Prepared, call: &'a ActiveCall) -> CallFuture<'a, Answered> {
        Box::pin(async move {
            match prepared {
                Prepared::Custom(PreparedCustom { run, .. }) => Ok(Answered::new(run(call.clone()).await?)),
                _ => Err(CallError::unknown_tool("")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::PromptArgument;
    use serde_json::json;

    static REVIEW: crate::v1::Prompt = crate::v1::Prompt::new(
        "review",
        "Review {title} in {style} words, {{as}} {note}\nwith {tool:get_book} and {title}.",
    )
    .arguments(&[
        PromptArgument::new("title"),
        PromptArgument::new("style").optional("few").values(&["few", "many"]),
        PromptArgument::new("note").optional(""),
    ]);

    #[test]
    fn placeholder_in_the_value_of_a_prompt_argument_is_not_replaced() {
        let shown = |name: &str| format!("{name}_2");
        for (arguments, expected) in [
            (json!({ "title": "A" }), "Review A in few words, {as} \nwith get_book_2 and A."),
            (
                json!({ "title": "{style} {tool:x}", "style": "many", "note": "now" }),
                "Review {style} {tool:x} in many words, {as} now\nwith get_book_2 and {style} {tool:x}.",
            ),
        ] {
            let text = filled(&REVIEW, arguments.as_object().unwrap(), shown).unwrap();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn error_for_an_invalid_prompt_argument_names_the_argument() {
        for (arguments, expected) in [
            (json!({}), "`title` is required"),
            (json!({ "title": 1 }), "`title` must be a string"),
            (json!({ "title": "A", "titel": "B" }), "`titel` is not an argument; did you mean `title`?"),
            (json!({ "title": "A", "x": "B" }), "`x` is not an argument"),
            (json!({ "title": "A", "style": "some" }), "`style` has to be one of `few`, `many`"),
        ] {
            let error = filled(&REVIEW, arguments.as_object().unwrap(), str::to_owned).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let long = json!({ "title": "x".repeat(MOST_BYTES / 2 + 1) });
        let error = filled(&REVIEW, long.as_object().unwrap(), str::to_owned).unwrap_err();
        assert_eq!(error.to_string(), "`title` makes the text longer than 1 MiB");
    }
}
