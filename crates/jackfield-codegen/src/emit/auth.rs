use jackfield_model::{
    Client, ClientAuthentication, Command, Flow, FlowKind, Location, Need, Requirement, Scheme, SchemeKind,
};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::calls::{Calls, list};
use crate::render::text;

/// Prints `Scheme::oauth2("account").flows(&[Flow::new(FlowKind::AuthorizationCode).token("https://…")])`.
pub(super) fn scheme(scheme: &Scheme) -> Calls {
    let has_client = scheme.client != Client::default();
    Calls::on(kind(scheme))
        .list("aliases", scheme.aliases.iter().map(|alias| text(alias.as_str())))
        .text("described", &scheme.description)
        .maybe_text("prefix", scheme.prefix.as_ref())
        .list("commands", scheme.commands.iter().map(command))
        .list("flows", scheme.flows.iter().map(flow))
        .maybe_text("metadata", scheme.metadata.as_ref())
        .maybe("client", has_client.then(|| client(&scheme.client)))
}

fn kind(scheme: &Scheme) -> TokenStream {
    let name = text(scheme.name.as_str());
    match &scheme.kind {
        SchemeKind::Bearer => quote!(Scheme::bearer(#name)),
        SchemeKind::Basic => quote!(Scheme::basic(#name)),
        SchemeKind::Digest => quote!(Scheme::digest(#name)),
        SchemeKind::OAuth2 => quote!(Scheme::oauth2(#name)),
        SchemeKind::OpenIdConnect => quote!(Scheme::openid_connect(#name)),
        SchemeKind::MutualTls => quote!(Scheme::mutual_tls(#name)),
        SchemeKind::Http(other) => {
            let other = text(other.as_str());
            quote!(Scheme::http(#name, #other))
        }
        SchemeKind::ApiKey { location, wire } => {
            let location = self::location(*location);
            let wire = text(wire.as_str());
            quote!(Scheme::api_key(#name, #location, #wire))
        }
    }
}

/// Prints `Command::new("token", &["pass", "show", "desk"])`.
fn command(command: &Command) -> TokenStream {
    let (word, program) = (command.field.as_str(), list(command.program.iter().map(|word| text(word))));
    quote!(Command::new(#word, #program))
}

fn flow(flow: &Flow) -> Calls {
    let kind = match flow.kind {
        FlowKind::AuthorizationCode => quote!(FlowKind::AuthorizationCode),
        FlowKind::ClientCredentials => quote!(FlowKind::ClientCredentials),
        FlowKind::DeviceCode => quote!(FlowKind::DeviceCode),
        FlowKind::Implicit => quote!(FlowKind::Implicit),
        FlowKind::Password => quote!(FlowKind::Password),
    };
    Calls::on(quote!(Flow::new(#kind)))
        .maybe_text("authorization", flow.authorization.as_ref())
        .maybe_text("device", flow.device.as_ref())
        .maybe_text("token", flow.token.as_ref())
        .maybe_text("refresh", flow.refresh.as_ref())
        .texts("scopes", &flow.scopes)
}

fn client(client: &Client) -> Calls {
    let authentication = match client.authentication {
        ClientAuthentication::Discovered => None,
        ClientAuthentication::Basic => Some(quote!(ClientAuthentication::Basic)),
        ClientAuthentication::Post => Some(quote!(ClientAuthentication::Post)),
        ClientAuthentication::None => Some(quote!(ClientAuthentication::None)),
    };
    Calls::on(quote!(Client::new()))
        .maybe_text("id", client.id.as_ref())
        .maybe("authentication", authentication)
        .maybe("redirect_port", client.redirect_port.map(Literal::u16_unsuffixed))
        .maybe_text("resource", client.resource.as_ref())
        .maybe_text("audience", client.audience.as_ref())
        .texts("scopes", &client.scopes)
}

/// Prints `&[Need::scheme("key")]`, or `&[Need::scheme("oauth").scopes(&["books:write"])]`.
pub(super) fn requirement(requirement: &Requirement) -> TokenStream {
    list(requirement.needs.iter().map(need))
}

fn need(need: &Need) -> Calls {
    let scheme = text(need.scheme.as_str());
    Calls::on(quote!(Need::scheme(#scheme))).texts("scopes", &need.scopes)
}

fn location(location: Location) -> TokenStream {
    match location {
        Location::Path => quote!(Location::Path),
        Location::Query => quote!(Location::Query),
        Location::Header => quote!(Location::Header),
        Location::Cookie => quote!(Location::Cookie),
    }
}
