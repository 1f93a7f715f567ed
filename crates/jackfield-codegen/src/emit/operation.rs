use jackfield_model::{Effect, Encoding, Input, Location, Operation, Payload, Step, Style};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::json;

use super::json::print_object;
use super::{auth, ident};
use crate::names::NamedTool;
use crate::render::{code, doc, quoted, text};

/// A row and its mapping function:
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
pub(super) fn operation(tool: &NamedTool<'_>, input: &str) -> [TokenStream; 2] {
    let operation = tool.operation;
    let row = ident(&tool.row);
    let function = ident(&tool.function);
    let name = text(tool.name.as_str());
    let method = text(operation.method.as_str());
    let path = text(&operation.path);
    let facts = facts(operation, input);
    let title = quoted(&operation.title);
    let route = code(&operation.route());
    let docs = doc([title.as_str(), "", route.as_str()]);
    let (args, request) = parameters(operation);
    let steps = operation.recipe.iter().map(step);
    let row = quote! {
        #docs
        pub static #row: Tool = Tool::new(#name, #method, #path, #function) #facts;
    };
    let function = quote! {
        fn #function(#args: &Args, #request: &mut Request) -> Result<(), ArgError> {
            #(#steps)*
            Ok(())
        }
    };
    [row, function]
}

/// The builder calls of a row, for what is not as the row has it by itself.
fn facts(operation: &Operation, input: &str) -> TokenStream {
    let mut facts = TokenStream::new();
    if !operation.title_is_said {
        let title = text(&operation.title);
        facts.extend(quote!(.title(#title)));
    }
    if !operation.description.is_empty() {
        let description = text(&operation.description);
        facts.extend(quote!(.description(#description)));
    }
    if !operation.args.is_empty() {
        let input = text(input);
        facts.extend(quote!(.input(#input)));
    }
    if let Some(accept) = accept(operation) {
        let accept = text(&accept);
        facts.extend(quote!(.accept(#accept)));
    }
    let effect = match operation.effect {
        Effect::Read => quote!(Effect::Read),
        Effect::Write => quote!(Effect::Write),
        Effect::Destroy => quote!(Effect::Destroy),
    };
    facts.extend(quote!(.effect(#effect)));
    if operation.idempotent {
        facts.extend(quote!(.idempotent()));
    }
    if let Some(server) = &operation.server {
        let server = text(&server.url);
        facts.extend(quote!(.server(#server)));
    }
    if !operation.security.is_empty() {
        let security = auth::security(&operation.security);
        facts.extend(quote!(.security(#security)));
    }
    facts
}

/// The text of the input schema, as rows hold it. A plain object at its root: clients refuse anything else, and one
/// refused schema costs the user the whole list.
pub fn input_text(operation: &Operation) -> String {
    let required: Vec<&str> =
        operation.args.iter().filter(|arg| arg.required).map(|arg| arg.name.as_str()).collect();
    let properties = operation.args.iter().map(|arg| (arg.name.as_str(), arg.schema.as_value()));
    let mut tail = Vec::new();
    if !required.is_empty() {
        tail.push(("required", json!(required)));
    }
    tail.push(("additionalProperties", false.into()));
    print_object(&[("type", "object".into())], properties, &tail)
}

/// What to say in `accept`, where JSON is not what comes back.
pub fn accept(operation: &Operation) -> Option<String> {
    let mut types: Vec<&str> = Vec::new();
    for media_type in operation.replies.iter().filter_map(|reply| reply.media_type.as_deref()) {
        let printable = media_type.bytes().all(|b| (0x20..0x7F).contains(&b));
        if printable && !types.contains(&media_type) {
            types.push(media_type);
        }
    }
    let json = types.contains(&"application/json") || types.contains(&"*/*");
    if types.is_empty() || (json && types.len() == 1) { None } else { Some(types.join(", ")) }
}

/// The names of the function's parameters: an underscore where the recipe does not use them.
fn parameters(operation: &Operation) -> (TokenStream, TokenStream) {
    let request = if operation.recipe.is_empty() { quote!(_request) } else { quote!(request) };
    let args =
        if operation.recipe.iter().any(|step| step.input().is_some()) { quote!(args) } else { quote!(_args) };
    (args, request)
}

/// `request.query("limit", args.optional("limit"))?;`
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
        Step::QueryString { input, encoding } => {
            let input = ask(input);
            let encoding = self::encoding(*encoding);
            quote!(request.query_string(#input, #encoding)?;)
        }
        Step::Form => quote!(request.form();),
        Step::FormField { wire, input, encoding } => {
            styled("form_field", Location::Query, wire, input, *encoding)
        }
        Step::FormBody { input } => {
            let input = ask(input);
            quote!(request.form_body(#input)?;)
        }
        Step::MultipartBody { input } => {
            let input = ask(input);
            quote!(request.multipart_body(#input)?;)
        }
        Step::Multipart => quote!(request.multipart();),
        Step::Part { wire, input, payload, media_type } => {
            let wire = text(wire);
            let input = ask(input);
            let payload = self::payload(*payload);
            let media_type = text(media_type);
            quote!(request.part(#wire, #input, #payload, #media_type)?;)
        }
        Step::RawBody { input, payload } => {
            let input = ask(input);
            let payload = self::payload(*payload);
            quote!(request.raw_body(#input, #payload)?;)
        }
    }
}

fn styled(verb: &str, location: Location, wire: &str, input: &Input, encoding: Encoding) -> TokenStream {
    let wire = text(wire);
    let input = ask(input);
    if encoding == Encoding::default_of(location) {
        let verb = quote::format_ident!("{verb}");
        quote!(request.#verb(#wire, #input)?;)
    } else {
        let verb = quote::format_ident!("{verb}_as");
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

/// `args.required("title")`
fn ask(input: &Input) -> TokenStream {
    let arg = text(&input.arg);
    if input.required { quote!(args.required(#arg)) } else { quote!(args.optional(#arg)) }
}

/// `Encoding::PIPES.exploded()`
fn encoding(encoding: Encoding) -> TokenStream {
    let (name, exploded) = match encoding.style {
        Style::Simple => (quote!(Encoding::SIMPLE), encoding.explode),
        Style::Label => (quote!(Encoding::LABEL), encoding.explode),
        Style::Matrix => (quote!(Encoding::MATRIX), encoding.explode),
        Style::Form if encoding.explode => (quote!(Encoding::FORM), false),
        Style::Form => (quote!(Encoding::JOINED), false),
        Style::SpaceDelimited => (quote!(Encoding::SPACES), encoding.explode),
        Style::PipeDelimited => (quote!(Encoding::PIPES), encoding.explode),
        Style::DeepObject => (quote!(Encoding::DEEP), false),
        Style::Json => (quote!(Encoding::JSON), false),
    };
    let exploded = if exploded { quote!(.exploded()) } else { quote!() };
    let reserved = if encoding.reserved { quote!(.reserved()) } else { quote!() };
    quote!(#name #exploded #reserved)
}
