use jackfield_model::{Ask, Encoding, Input, JobResult, Location, Step};
use proc_macro2::TokenStream;
use quote::quote;

use super::operation;
use crate::render::{Block, ident};
use crate::rows::ToolRow;
use jackfield_surface::{NamedTool, ToolGroup};

/// Prints the head of the file of one tag: imports, and the list of its tools. Users of build.rs `include!` the file, so it has
/// no inner attributes.
pub(crate) fn group(group: &ToolGroup<'_>) -> Vec<TokenStream> {
    let imports = imports(group);
    let rows = group.tools.iter().map(|tool| ident(&tool.row));
    vec![
        quote!(use ::jackfield_runtime::v1::{#(#imports),*};),
        quote! {
            /// The tools of this group.
            pub static TOOLS: &[&Tool] = &[#(&#rows),*];
        },
    ]
}

/// Prints the constants and functions of these tools.
pub(crate) fn tools<'t>(tools: impl Iterator<Item = (&'t NamedTool<'t>, &'t ToolRow<'t>)>) -> Vec<Block> {
    tools.flat_map(|(tool, row)| operation::operation(tool, row)).collect()
}

/// Imports only the types that the file uses, because an unused import would be a warning in a user's build.
fn imports(group: &ToolGroup<'_>) -> Vec<TokenStream> {
    let mut imports = vec![quote!(ArgError), quote!(Args)];
    if group.tools.iter().any(|tool| tool.operation.ask != Ask::ByEffect) {
        imports.push(quote!(Ask));
    }
    if group.tools.iter().any(|tool| tool.operation.caching.is_on()) {
        imports.push(quote!(Caching));
    }
    imports.push(quote!(Effect));
    let steps = || group.tools.iter().flat_map(|tool| &tool.operation.recipe);
    if steps().any(names_encoding) {
        imports.push(quote!(Encoding));
    }
    if steps().any(|step| matches!(step.input(), Some(Input::Fixed { .. }))) {
        imports.push(quote!(Input));
    }
    let needs = |tool: &NamedTool<'_>| tool.operation.security.iter().any(|one| !one.needs.is_empty());
    if group.tools.iter().any(needs) {
        imports.push(quote!(Need));
    }
    if group.tools.iter().any(|tool| tool.operation.job.is_some()) {
        imports.push(quote!(Job));
    }
    let last =
        |tool: &NamedTool<'_>| tool.operation.job.as_ref().is_some_and(|job| job.last != JobResult::Named);
    if group.tools.iter().any(last) {
        imports.push(quote!(JobResult));
    }
    if group.tools.iter().any(|tool| tool.operation.paging.is_some()) {
        imports.push(quote!(Paging));
    }
    if steps().any(names_payload) {
        imports.push(quote!(Payload));
    }
    if group.tools.iter().any(|tool| !tool.operation.presets.is_empty()) {
        imports.push(quote!(Preset));
    }
    imports.push(quote!(Request));
    if group.tools.iter().any(|tool| tool.operation.resource.is_some()) {
        imports.push(quote!(Resource));
    }
    let own =
        |tool: &NamedTool<'_>| tool.operation.server.as_ref().is_some_and(|it| !it.variables.is_empty());
    if group.tools.iter().any(own) {
        imports.extend([quote!(Server), quote!(ServerVariable)]);
    }
    imports.push(quote!(Tool));
    imports
}

/// Whether the code of a step names an encoding, because it differs from the default.
fn names_encoding(step: &Step) -> bool {
    let unusual = |encoding: Encoding, location| encoding != Encoding::default_of(location);
    match step {
        Step::Path { encoding, .. } => unusual(*encoding, Location::Path),
        Step::Query { encoding, .. } => unusual(*encoding, Location::Query),
        Step::FormField { encoding, .. } => encoding.is_some(),
        Step::Header { encoding, .. } => unusual(*encoding, Location::Header),
        Step::Cookie { encoding, .. } => unusual(*encoding, Location::Cookie),
        Step::QueryString { .. } | Step::PartFields { .. } | Step::PartHeader { .. } => true,
        Step::FormBody { fields, .. } => !fields.is_empty(),
        Step::ContentType { .. }
        | Step::Xml { .. }
        | Step::JsonLines
        | Step::JsonObject
        | Step::JsonField { .. }
        | Step::JsonBody { .. }
        | Step::Form
        | Step::FormJson
        | Step::Multipart
        | Step::MultipartBody { .. }
        | Step::Part { .. }
        | Step::XmlPart { .. }
        | Step::RawBody { .. } => false,
    }
}

/// Whether the code of a step names a payload.
fn names_payload(step: &Step) -> bool {
    match step {
        Step::Part { .. } | Step::RawBody { .. } => true,
        Step::MultipartBody { parts, .. } => !parts.is_empty(),
        _ => false,
    }
}
