//! The table entries of prompts and resources.

use jackfield_model::{Prompt, PromptArgument, Resource};
use quote::quote;

use super::calls::Calls;
use crate::render::text;

/// Prints `Resource::new("bookshop://api/books/{bookId}").arguments(&["bookId"])`.
pub(super) fn resource(resource: &Resource) -> Calls {
    let Resource { uri, arguments, title, description, media_type, is_tool } = resource;
    let uri = text(uri);
    let calls = Calls::on(quote!(Resource::new(#uri)))
        .list("arguments", arguments.iter().map(|name| text(name.as_str())))
        .maybe_text("title", title.as_ref())
        .maybe_text("description", description.as_ref())
        .maybe_text("media_type", media_type.as_ref());
    if *is_tool { calls } else { calls.call("only", quote!()) }
}

/// Prints `Prompt::new("review", "Review {title}.").arguments(&[PromptArgument::new("title")])`.
pub(super) fn prompt(prompt: &Prompt) -> Calls {
    let Prompt { name, title, description, arguments, text: written } = prompt;
    let (name, written) = (text(name.as_str()), text(written));
    Calls::on(quote!(Prompt::new(#name, #written)))
        .text("title", title)
        .text("description", description)
        .list("arguments", arguments.iter().map(argument))
}

fn argument(argument: &PromptArgument) -> Calls {
    let PromptArgument { name, description, required, default, values } = argument;
    let name = text(name.as_str());
    Calls::on(quote!(PromptArgument::new(#name)))
        .text("description", description)
        .maybe("optional", (!required).then(|| text(default)))
        .texts("values", values)
}
