use jackfield_model::{
    ArgName, Ask, Caching, Encoding, Input, Job, JobResult, Location, PageStyle, Paging, Payload, Preset,
    PresetKind, Step, Style, WireName,
};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::calls::Calls;
use super::effect::effect;
use super::{auth, contents, server};
use crate::json::print;
use crate::plain;
use crate::render::{Block, code, doc, ident, quoted, text};
use crate::rows::{OwnServer, ToolRow};
use jackfield_surface::NamedTool;

/// Prints the constant of a tool, and its `bind` function:
///
/// ```text
/// /// Add a book
/// ///
/// /// `POST /books`
/// pub static ADD_BOOK: Tool = Tool::new("add_book", "POST", "/books", add_book)
///     .title("Add a book")
///     .input(r#"…"#)
///     .effect(Effect::Write);
///
/// fn add_book(args: &Args, request: &mut Request) -> Result<(), ArgError> {
///     request.json_field("title", args.required("title"))?;
///     Ok(())
/// }
/// ```
pub(super) fn operation(tool: &NamedTool<'_>, row: &ToolRow<'_>) -> [Block; 2] {
    let operation = tool.operation;
    let (name, function) = (ident(&tool.row), ident(&tool.function));
    let title = quoted(&operation.title);
    let route = code(&operation.route());
    let docs = [title.as_str(), "", route.as_str()];
    let (args, request) = parameters(row.recipe);
    let steps: Vec<TokenStream> = row.recipe.iter().map(step).collect();
    let row = self::row(row, &function);
    let function = plain::function(&function.to_string(), args, request, steps.iter().cloned())
        .map_or_else(|| Block::Tokens(self::function(&function, args, request, &steps)), Block::Text);
    let row = plain::row(&docs, &name.to_string(), row.clone()).map_or_else(
        || {
            let docs = doc(docs);
            Block::Tokens(quote! {
                #docs
                pub static #name: Tool = #row;
            })
        },
        Block::Text,
    );
    [row, function]
}

fn function(name: &Ident, args: &str, request: &str, steps: &[TokenStream]) -> TokenStream {
    let [args, request] = [args, request].map(|name| format_ident!("{name}"));
    quote! {
        fn #name(#args: &Args, #request: &mut Request) -> Result<(), ArgError> {
            #(#steps)*
            Ok(())
        }
    }
}

/// Prints `Tool::new("add_book", "POST", "/books", add_book).title("Add a book").effect(Effect::Write)`.
fn row(row: &ToolRow<'_>, function: &Ident) -> TokenStream {
    let (name, method, path) = (text(row.name), text(row.method), text(row.path));
    let effect = effect(row.effect);
    let mut calls = Calls::on(quote!(Tool::new(#name, #method, #path, #function)))
        .text("title", row.title)
        .text("description", row.description)
        .maybe_text("input", row.input.as_ref())
        .maybe_text("output", row.output.as_ref())
        .maybe_text("accept", row.accept.as_ref())
        .call("effect", effect);
    calls = match row.ask {
        Ask::ByEffect => calls,
        Ask::Always => calls.call("ask", quote!(Ask::Always)),
        Ask::Never => calls.call("ask", quote!(Ask::Never)),
    };
    if row.idempotent {
        calls = calls.call("idempotent", TokenStream::new());
    }
    calls = match row.idempotency_key {
        None => calls,
        Some(header) => calls.call("idempotency_key", text(header)),
    };
    calls = calls
        .maybe("paging", row.paging.map(paging))
        .maybe("job", row.job.map(job))
        .maybe("resource", row.resource.map(contents::resource))
        .maybe("caching", caching(row.caching));
    calls = match row.merged {
        None => calls,
        Some(merged) => {
            let selector = merged.selector.as_ref();
            let (selector, value) =
                selector.map_or(("", ""), |(name, value)| (name.as_str(), value.as_str()));
            let [tool, selector, value] = [merged.tool.as_str(), selector, value].map(text);
            calls.call("merged_into", quote!(#tool, #selector, #value))
        }
    };
    calls = calls.list("presets", row.presets.iter().map(preset));
    if row.tokens > 0 {
        calls = calls.call("tokens", Literal::usize_unsuffixed(row.tokens));
    }
    calls = calls.text("fields", row.fields);
    calls = match row.server {
        None => calls,
        Some(OwnServer::Url(url)) => calls.call("server", text(url)),
        Some(OwnServer::WithVariables(own)) => calls.call("served_by", server::server(own)),
    };
    calls.list("security", row.security.iter().map(auth::requirement)).finish()
}

/// Prints `Caching::Seconds(60)`, or nothing if replies are not cached.
fn caching(caching: Caching) -> Option<TokenStream> {
    match caching {
        Caching::Off => None,
        Caching::Revalidate => Some(quote!(Caching::Revalidate)),
        Caching::Seconds(seconds) => {
            let seconds = Literal::u32_unsuffixed(seconds);
            Some(quote!(Caching::Seconds(#seconds)))
        }
    }
}

/// Prints `Paging::token("cursor", "/next_cursor").items("/books")`.
fn paging(paging: &Paging) -> Calls {
    let position = text(paging.position.as_ref().map_or("", ArgName::as_str));
    let next = text(paging.next.as_deref().unwrap_or_default());
    let calls = Calls::on(match paging.style {
        PageStyle::Page => quote!(Paging::page(#position)),
        PageStyle::Offset => quote!(Paging::offset(#position)),
        PageStyle::Token => quote!(Paging::token(#position, #next)),
        PageStyle::LastItem => quote!(Paging::last_item(#position, #next)),
        PageStyle::Address => quote!(Paging::address(#next)),
        PageStyle::Link => quote!(Paging::link()),
    });
    let usual = u64::from(paging.style == PageStyle::Page);
    let first =
        (paging.first != usual && paging.is_numbered()).then(|| Literal::u64_unsuffixed(paging.first));
    let in_address = paging.in_address.iter().map(|(wire, argument)| {
        let (wire, argument) = (text(wire.as_str()), text(argument.as_str()));
        quote!((#wire, #argument))
    });
    calls
        .maybe("first", first)
        .list("in_address", in_address)
        .text("size", paging.size.as_ref().map_or("", ArgName::as_str))
        .maybe_text("items", paging.items.as_ref())
        .maybe_text("total", paging.total.as_ref())
        .maybe_text("pages", paging.pages.as_ref())
        .maybe_text("more", paging.more.as_ref())
        .maybe_text("last", paging.last.as_ref())
}

/// Prints `Preset::fixed(&["address", "country"], r#""NZ""#)`.
fn preset(preset: &Preset) -> TokenStream {
    let path = preset.path.iter().map(|part| text(part));
    let path = quote!(&[#(#path),*]);
    match &preset.kind {
        PresetKind::Fixed(json) => {
            let json = text(json);
            quote!(Preset::fixed(#path, #json))
        }
        PresetKind::Default(json) => {
            let json = text(json);
            quote!(Preset::default_value(#path, #json))
        }
        PresetKind::Hidden => quote!(Preset::hidden(#path)),
    }
}

/// Prints `Job::new().id("/job_id", "get_job", "id").state("/status")`.
fn job(job: &Job) -> Calls {
    let mut calls = Calls::on(quote!(Job::new()))
        .text("header", job.header.as_ref().map_or("", WireName::as_str))
        .maybe_text("address", job.address.as_ref());
    if let Some((id, reader)) = &job.id {
        let (tool, argument) = (text(reader.tool.as_str()), text(reader.argument.as_str()));
        let id = text(id);
        calls = calls.call("id", quote!(#id, #tool, #argument));
    }
    let last = match job.last {
        JobResult::Named => None,
        JobResult::Location => Some(quote!(JobResult::Location)),
        JobResult::Call => Some(quote!(JobResult::Call)),
        JobResult::Status => Some(quote!(JobResult::Status)),
    };
    calls
        .maybe_text("state", job.state.as_ref())
        .texts("done", &job.done)
        .texts("failed", &job.failed)
        .maybe_text("result", job.result.as_ref())
        .maybe_text("error", job.error.as_ref())
        .maybe("last", last)
}

/// Returns the parameter names of the function, with an underscore if the recipe does not use them.
fn parameters(recipe: &[Step]) -> (&'static str, &'static str) {
    let request = if recipe.is_empty() { "_request" } else { "request" };
    let args = if recipe.iter().any(asks) { "args" } else { "_args" };
    (args, request)
}

fn asks(step: &Step) -> bool {
    matches!(step.input(), Some(Input::Arg { .. }))
}

/// Prints `request.query("limit", args.optional("limit"))?;`.
fn step(step: &Step) -> TokenStream {
    match step {
        Step::Path { wire, input, encoding } => styled("path", Location::Path, wire, input, *encoding),
        Step::Query { wire, input, encoding } => styled("query", Location::Query, wire, input, *encoding),
        Step::Header { wire, input, encoding } => styled("header", Location::Header, wire, input, *encoding),
        Step::Cookie { wire, input, encoding } => styled("cookie", Location::Cookie, wire, input, *encoding),
        Step::ContentType { media_type } => {
            let media_type = text(media_type);
            quote!(request.content_type(#media_type);)
        }
        Step::Xml { shape } => {
            let shape = text(&reprint(shape));
            quote!(request.xml(#shape);)
        }
        Step::JsonLines => quote!(request.json_lines();),
        Step::JsonObject => quote!(request.json_object();),
        Step::JsonField { wire, input } => {
            let wire = text(wire);
            let input = ask(input);
            quote!(request.json_field(#wire, #input)?;)
        }
        Step::JsonBody { input } => {
            let input = ask(input);
            quote!(request.json_body(#input)?;)
        }
        Step::QueryString { input, encoding, fields } => {
            let input = ask(input);
            let encoding = self::encoding(*encoding);
            let fields = fields.iter().map(field);
            if fields.len() == 0 {
                return quote!(request.query_string(#input, #encoding)?;);
            }
            quote!(request.query_string_as(#input, #encoding, &[#(#fields),*])?;)
        }
        Step::Form => quote!(request.form();),
        Step::FormJson => quote!(request.form_json();),
        Step::FormField { wire, input, encoding } => {
            let (wire, input) = (text(wire), ask(input));
            match encoding.map(self::encoding) {
                None => quote!(request.form_field(#wire, #input)?;),
                Some(encoding) => quote!(request.form_field_as(#wire, #input, #encoding)?;),
            }
        }
        Step::FormBody { input, fields } => whole("form_body", input, fields.iter().map(field)),
        Step::MultipartBody { input, parts } => whole("multipart_body", input, parts.iter().map(part)),
        Step::Multipart => quote!(request.multipart();),
        Step::Part { wire, input, payload, media_type } => {
            let wire = text(wire);
            let input = ask(input);
            let payload = self::payload(*payload);
            let media_type = text(media_type);
            quote!(request.part(#wire, #input, #payload, #media_type)?;)
        }
        Step::PartFields { wire, input, encoding } => {
            let (wire, input) = (text(wire), ask(input));
            let encoding = self::encoding(*encoding);
            quote!(request.part_fields(#wire, #input, #encoding)?;)
        }
        Step::XmlPart { wire, input, media_type, shape } => {
            let (wire, input) = (text(wire), ask(input));
            let (media_type, shape) = (text(media_type), text(&reprint(shape)));
            quote!(request.xml_part(#wire, #input, #media_type, #shape)?;)
        }
        Step::PartHeader { part, wire, input, encoding } => {
            let (part, wire) = (text(part), text(wire));
            let input = ask(input);
            let encoding = self::encoding(*encoding);
            quote!(request.part_header(#part, #wire, #input, #encoding)?;)
        }
        Step::RawBody { input, payload } => {
            let input = ask(input);
            let payload = self::payload(*payload);
            quote!(request.raw_body(#input, #payload)?;)
        }
    }
}

/// Prints `request.form_body(args.required("body"))?;`, or `form_body_as` with the fields that have another encoding.
fn whole(verb: &str, input: &Input, unusual: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    let input = ask(input);
    if unusual.len() == 0 {
        let verb = format_ident!("{verb}");
        return quote!(request.#verb(#input)?;);
    }
    let verb = format_ident!("{verb}_as");
    quote!(request.#verb(#input, &[#(#unusual),*])?;)
}

/// Prints `("tags", Encoding::JOINED)`.
fn field((name, encoding): &(String, Encoding)) -> TokenStream {
    let name = text(name);
    let encoding = self::encoding(*encoding);
    quote!((#name, #encoding))
}

/// Prints `("cover", Payload::Bytes, "image/png")`.
fn part((name, payload, media_type): &(String, Payload, String)) -> TokenStream {
    let name = text(name);
    let payload = self::payload(*payload);
    let media_type = text(media_type);
    quote!((#name, #payload, #media_type))
}

/// Formats JSON for review. Other text is unchanged.
fn reprint(shape: &str) -> String {
    serde_json::from_str(shape).map_or_else(|_| shape.to_owned(), |shape| print(&shape))
}

fn styled(verb: &str, location: Location, wire: &str, input: &Input, encoding: Encoding) -> TokenStream {
    let wire = text(wire);
    let input = ask(input);
    if encoding == Encoding::default_of(location) {
        let verb = format_ident!("{verb}");
        quote!(request.#verb(#wire, #input)?;)
    } else {
        let verb = format_ident!("{verb}_as");
        let encoding = self::encoding(encoding);
        quote!(request.#verb(#wire, #input, #encoding)?;)
    }
}

fn payload(payload: Payload) -> TokenStream {
    match payload {
        Payload::Text => quote!(Payload::Text),
        Payload::Json => quote!(Payload::Json),
        Payload::Bytes => quote!(Payload::Bytes),
    }
}

/// Prints `args.required("title")`, or `Input::text("card")` for a value that the document fixes.
fn ask(input: &Input) -> TokenStream {
    match input {
        Input::Arg { arg, required } => {
            let arg = text(arg);
            if *required { quote!(args.required(#arg)) } else { quote!(args.optional(#arg)) }
        }
        Input::Fixed { json } => match serde_json::from_str(json) {
            Ok(Value::String(fixed)) => {
                let fixed = text(&fixed);
                quote!(Input::text(#fixed))
            }
            _ => {
                let json = text(json);
                quote!(Input::json(#json))
            }
        },
    }
}

/// Prints `Encoding::PIPES.exploded()`.
fn encoding(encoding: Encoding) -> TokenStream {
    let (name, exploded) = match encoding.style {
        Style::Simple => (quote!(Encoding::SIMPLE), encoding.explode),
        Style::Label => (quote!(Encoding::LABEL), encoding.explode),
        Style::Matrix => (quote!(Encoding::MATRIX), encoding.explode),
        Style::Form if encoding.explode => (quote!(Encoding::FORM), false),
        Style::Form => (quote!(Encoding::JOINED), false),
        Style::SpaceDelimited => (quote!(Encoding::SPACES), encoding.explode),
        Style::PipeDelimited => (quote!(Encoding::PIPES), encoding.explode),
        Style::TabDelimited => (quote!(Encoding::TABS), encoding.explode),
        Style::Cookie => (quote!(Encoding::COOKIE), encoding.explode),
        Style::DeepObject => (quote!(Encoding::DEEP), false),
        Style::Json => (quote!(Encoding::JSON), false),
    };
    let exploded = if exploded { quote!(.exploded()) } else { quote!() };
    let reserved = if encoding.reserved { quote!(.reserved()) } else { quote!() };
    let inner = encoding.inner.iter().flatten().map(|style| {
        let joined = match style {
            Style::SpaceDelimited => quote!(Encoding::SPACES),
            Style::PipeDelimited => quote!(Encoding::PIPES),
            Style::TabDelimited => quote!(Encoding::TABS),
            _ => quote!(Encoding::JOINED),
        };
        quote!(.of_lists(#joined))
    });
    quote!(#name #exploded #reserved #(#inner)*)
}
