//! `[prompts."NAME"]`: texts for common tasks, which people choose in their client.

use std::collections::BTreeMap;

use jackfield_model::text::toml_key;
use jackfield_model::{ArgName, PromptArgument, PromptPart, ToolName, nearest, prompt_parts};
use serde::Deserialize;
use toml::Spanned;

use super::refusal::{Refusal, Span};
use super::written_text;

/// The maximum numbers: arguments of a prompt, values of an argument, and characters of a value.
const MOST_ARGUMENTS: usize = 30;
const MOST_VALUES: usize = 100;
const LONGEST_VALUE: usize = 200;

/// A table, as it is written in connector.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenPrompt {
    text: Option<Spanned<String>>,
    title: Option<Spanned<String>>,
    description: Option<Spanned<String>>,
    #[serde(default)]
    arguments: BTreeMap<Spanned<String>, WrittenArgument>,
}

/// An argument, as it is written in connector.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenArgument {
    description: Option<Spanned<String>>,
    required: Option<Spanned<bool>>,
    default: Option<Spanned<String>>,
    values: Option<Spanned<Vec<String>>>,
}

/// A parsed prompt.
#[derive(Clone, Debug)]
pub(crate) struct PromptChoice {
    pub(crate) name: ToolName,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) arguments: Vec<PromptArgument>,
    pub(crate) text: String,
    /// The tools that the text names.
    pub(crate) tools: Vec<String>,
    /// The position of the text.
    pub(crate) span: Span,
}

pub(super) fn parse(written: BTreeMap<Spanned<String>, WrittenPrompt>) -> Result<Vec<PromptChoice>, Refusal> {
    written.into_iter().map(|(name, prompt)| choice(&name, prompt)).collect()
}

fn choice(key: &Spanned<String>, written: WrittenPrompt) -> Result<PromptChoice, Refusal> {
    let table = format!("[prompts.{}]", toml_key(key.get_ref()));
    let name = ToolName::new(key.get_ref().as_str()).map_err(|_| {
        let problem = format!("{:?} in [prompts] is not a name (1 to 64 of A-Z a-z 0-9 _ -)", key.get_ref());
        Refusal::new(key.span(), problem, "choose a name such as `monthly_report`")
    })?;
    let WrittenPrompt { text, title, description, arguments } = written;
    let Some(text) = text else {
        let help =
            "add the text that the model gets, as in `text = \"Summarise {topic} with {tool:list_books}.\"`";
        return Err(Refusal::new(key.span(), format!("{table} has no `text`"), help));
    };
    let span = text.span();
    let text = written_text::text(&format!("`text` of {table}"), text.into_inner(), &span)?;
    let parts = prompt_parts(&text).map_err(|invalid| {
        let help =
            "write `{topic}` for an argument, `{tool:list_books}` for a tool, and `{{` or `}}` for a brace";
        Refusal::new(span.clone(), format!("`text` of {table}: {invalid}"), help)
    })?;
    if arguments.len() > MOST_ARGUMENTS {
        let problem = format!("{table} has {} arguments (limit {MOST_ARGUMENTS})", arguments.len());
        return Err(Refusal::new(key.span(), problem, "remove some arguments"));
    }
    let mut named: Vec<&str> = Vec::new();
    let known: Vec<&str> = arguments.keys().map(|name| name.get_ref().as_str()).collect();
    for part in &parts {
        let PromptPart::Argument(name) = part else { continue };
        if !known.contains(name) {
            let problem = format!("`{{{name}}}` in `text` of {table} is not an argument of the prompt");
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None => format!(
                    "add the argument: [prompts.{}.arguments.{}]",
                    toml_key(key.get_ref()),
                    toml_key(name)
                ),
            };
            return Err(Refusal::new(span.clone(), problem, help));
        }
        if !named.contains(name) {
            named.push(name);
        }
    }
    let tools = parts.iter().filter_map(|part| match part {
        PromptPart::Tool(tool) => Some((*tool).to_owned()),
        _ => None,
    });
    let tools = tools.collect();
    let optional = |word: &str, written: Option<Spanned<String>>, check: Check| match written {
        None => Ok(String::new()),
        Some(written) => {
            let span = written.span();
            check(&format!("`{word}` of {table}"), written.into_inner(), &span)
        }
    };
    let (title, description) = (
        optional("title", title, written_text::title)?,
        optional("description", description, written_text::text)?,
    );
    // Clients ask for the arguments in the order of the text.
    let mut ordered: Vec<Option<PromptArgument>> = vec![None; named.len()];
    for (name, written) in arguments {
        let (span, name) = (name.span(), name.into_inner());
        let Some(at) = named.iter().position(|known| *known == name) else {
            let problem = format!("the argument `{name}` of {table} changes nothing: `text` does not use it");
            return Err(Refusal::new(
                span,
                problem,
                format!("add `{{{name}}}` to the text, or remove the argument"),
            ));
        };
        ordered[at] = Some(argument(&table, &name, &span, written)?);
    }
    let arguments = ordered.into_iter().flatten().collect();
    Ok(PromptChoice { name, title, description, arguments, text, tools, span })
}

type Check = fn(&str, String, &Span) -> Result<String, Refusal>;

fn argument(
    table: &str,
    name: &str,
    span: &Span,
    written: WrittenArgument,
) -> Result<PromptArgument, Refusal> {
    let WrittenArgument { description, required, default, values } = written;
    let what = |word: &str| format!("`{word}` of the argument `{name}` of {table}");
    let name = ArgName::new(name).map_err(|error| {
        Refusal::new(span.clone(), format!("{table}: {error}"), "choose a name such as `topic`")
    })?;
    let is_required = required.as_ref().map(|required| *required.get_ref());
    if let (Some(true), Some(default)) = (is_required, &default) {
        let problem = format!("{} has no effect, because the argument is required", what("default"));
        return Err(Refusal::new(default.span(), problem, "remove `default`, or `required = true`"));
    }
    let values = match values {
        None => Vec::new(),
        Some(values) => {
            let (span, values) = (values.span(), values.into_inner());
            if values.is_empty() || values.len() > MOST_VALUES {
                let problem = format!("{} must contain 1 to {MOST_VALUES} values", what("values"));
                return Err(Refusal::new(
                    span,
                    problem,
                    "write values such as `[\"short\", \"long\"]`, or remove `values`",
                ));
            }
            for (at, value) in values.iter().enumerate() {
                written_text::title(&what("values"), value.clone(), &span)?;
                if value.chars().count() > LONGEST_VALUE || values[..at].contains(value) {
                    let problem = format!(
                        "`{value}` in {} occurs twice, or has more than {LONGEST_VALUE} characters",
                        what("values")
                    );
                    return Err(Refusal::new(span, problem, "shorten or remove this value"));
                }
            }
            values
        }
    };
    let is_required = is_required.unwrap_or(default.is_none());
    let default = match default {
        None => String::new(),
        Some(default) => {
            let span = default.span();
            let text = written_text::text(&what("default"), default.into_inner(), &span)?;
            if !values.is_empty() && !values.contains(&text) {
                let problem = format!("{} is not one of its `values`", what("default"));
                return Err(Refusal::new(span, problem, format!("use one of `{}`", values.join("`, `"))));
            }
            text
        }
    };
    let description = match description {
        None => String::new(),
        Some(text) => {
            let span = text.span();
            written_text::text(&what("description"), text.into_inner(), &span)?
        }
    };
    Ok(PromptArgument { name, description, required: is_required, default, values })
}
