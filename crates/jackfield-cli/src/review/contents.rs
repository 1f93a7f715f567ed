//! The section about resources, prompts and documentation.

use jackfield_build::model::{Prompt, PromptArgument};
use maud::{Markup, html};

use super::subject::Subject;
use super::words::{line, lines};

pub(super) fn section(subject: &Subject) -> Markup {
    let resources = || {
        subject.tools.iter().enumerate().filter_map(|(at, tool)| Some((at, tool, tool.resource.as_ref()?)))
    };
    html! {
        section aria-labelledby="contents" {
            h2 id="contents" { "Resources and prompts" }
            @if resources().next().is_none() && subject.prompts.is_empty() && !subject.documentation {
                p.quiet { "Clients get tools only." }
            }
            @if resources().next().is_some() {
                h3 { "Operations that clients read" }
                p.quiet { "Reading a resource is a call of its tool, with the same rights, limits and approval." }
                dl.facts {
                    @for (at, tool, resource) in resources() {
                        dt { a href={ "#t" (at) } { (line(&tool.name)) } }
                        dd {
                            code { (line(&resource.uri)) }
                            @if !resource.is_tool { " " span.mark { "not a tool" } }
                        }
                    }
                }
            }
            @if !subject.prompts.is_empty() {
                h3 { "Prompts" }
                p.quiet { "People choose prompts in their client. The model gets the text, with the values of the arguments." }
                @for prompt in &subject.prompts { (self::prompt(prompt)) }
            }
            @if subject.documentation {
                h3 { "Documentation" }
                p { "Clients can read pages about the connector, its tools, and the credentials and scopes that they need." }
            }
        }
    }
}

fn prompt(prompt: &Prompt) -> Markup {
    html! {
        details.definition {
            summary {
                code.name { (line(prompt.name.as_str())) }
                @if !prompt.title.is_empty() { " " (line(&prompt.title)) }
            }
            div.body {
                @if !prompt.description.is_empty() { p.text { (lines(&prompt.description)) } }
                pre { (lines(&prompt.text)) }
                @if !prompt.arguments.is_empty() {
                    dl.facts { @for argument in &prompt.arguments { (self::argument(argument)) } }
                }
            }
        }
    }
}

fn argument(argument: &PromptArgument) -> Markup {
    html! {
        dt { code { (line(argument.name.as_str())) } }
        dd {
            @if argument.required { "required" } @else { "optional" }
            @if !argument.default.is_empty() { "; then " code { (line(&argument.default)) } }
            @if !argument.values.is_empty() { "; one of " code { (line(&argument.values.join(", "))) } }
            @if !argument.description.is_empty() { ". " (line(&argument.description)) }
        }
    }
}
