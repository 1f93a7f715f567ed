use jackfield_model::{Server, ServerVariable};
use proc_macro2::TokenStream;
use quote::quote;

use crate::render::text;

/// `Server::new("https://{region}.example.com").variables(&[ServerVariable::new("region").default("eu")])`
pub(super) fn server(server: &Server) -> TokenStream {
    let url = text(&server.url);
    let mut out = quote!(Server::new(#url));
    if !server.name.is_empty() {
        let name = text(&server.name);
        out.extend(quote!(.name(#name)));
    }
    if !server.description.is_empty() {
        let description = text(&server.description);
        out.extend(quote!(.description(#description)));
    }
    if !server.variables.is_empty() {
        let variables = server.variables.iter().map(variable);
        out.extend(quote!(.variables(&[#(#variables),*])));
    }
    out
}

fn variable(variable: &ServerVariable) -> TokenStream {
    let name = text(&variable.name);
    let mut out = quote!(ServerVariable::new(#name));
    if let Some(default) = &variable.default {
        let default = text(default);
        out.extend(quote!(.default(#default)));
    }
    if !variable.allowed.is_empty() {
        let allowed = variable.allowed.iter().map(|value| text(value));
        out.extend(quote!(.allowed(&[#(#allowed),*])));
    }
    out
}
