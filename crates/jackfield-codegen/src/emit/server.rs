use jackfield_model::{Server, ServerVariable};
use quote::quote;

use super::calls::Calls;
use crate::render::text;

/// Prints `Server::new("https://{region}.example.com").variables(&[ServerVariable::new("region").default("eu")])`.
pub(super) fn server(server: &Server) -> Calls {
    let url = text(&server.url);
    Calls::on(quote!(Server::new(#url)))
        .text("name", &server.name)
        .text("description", &server.description)
        .list("variables", server.variables.iter().map(variable))
}

fn variable(variable: &ServerVariable) -> Calls {
    let name = text(&variable.name);
    Calls::on(quote!(ServerVariable::new(#name)))
        .maybe_text("default", variable.default.as_ref())
        .texts("allowed", &variable.allowed)
}
