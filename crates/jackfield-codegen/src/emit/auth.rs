use jackfield_model::{
    Client, ClientAuthentication, Flow, FlowKind, Location, Requirement, Scheme, SchemeKind,
};
use proc_macro2::TokenStream;
use quote::quote;

use crate::render::text;

/// `Scheme::oauth2("account").flows(&[Flow::new(FlowKind::AuthorizationCode).token("https://…")])`
pub(super) fn scheme(scheme: &Scheme) -> TokenStream {
    let mut out = kind(scheme);
    if !scheme.aliases.is_empty() {
        let aliases = scheme.aliases.iter().map(|alias| text(alias.as_str()));
        out.extend(quote!(.aliases(&[#(#aliases),*])));
    }
    if !scheme.description.is_empty() {
        let description = text(&scheme.description);
        out.extend(quote!(.described(#description)));
    }
    if let Some(prefix) = &scheme.prefix {
        let prefix = text(prefix);
        out.extend(quote!(.prefix(#prefix)));
    }
    if !scheme.commands.is_empty() {
        let commands = scheme.commands.iter().map(|command| {
            let (field, program) = (command.field.as_str(), texts(&command.program));
            quote!(Command::new(#field, #program))
        });
        out.extend(quote!(.commands(&[#(#commands),*])));
    }
    if !scheme.flows.is_empty() {
        let flows = scheme.flows.iter().map(flow);
        out.extend(quote!(.flows(&[#(#flows),*])));
    }
    if let Some(metadata) = &scheme.metadata {
        let metadata = text(metadata);
        out.extend(quote!(.metadata(#metadata)));
    }
    if scheme.client != Client::default() {
        let client = client(&scheme.client);
        out.extend(quote!(.client(#client)));
    }
    out
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

fn flow(flow: &Flow) -> TokenStream {
    let kind = match flow.kind {
        FlowKind::AuthorizationCode => quote!(FlowKind::AuthorizationCode),
        FlowKind::ClientCredentials => quote!(FlowKind::ClientCredentials),
        FlowKind::DeviceCode => quote!(FlowKind::DeviceCode),
        FlowKind::Implicit => quote!(FlowKind::Implicit),
        FlowKind::Password => quote!(FlowKind::Password),
    };
    let mut out = quote!(Flow::new(#kind));
    if let Some(url) = flow.authorization.as_deref().map(text) {
        out.extend(quote!(.authorization(#url)));
    }
    if let Some(url) = flow.device.as_deref().map(text) {
        out.extend(quote!(.device(#url)));
    }
    if let Some(url) = flow.token.as_deref().map(text) {
        out.extend(quote!(.token(#url)));
    }
    if let Some(url) = flow.refresh.as_deref().map(text) {
        out.extend(quote!(.refresh(#url)));
    }
    if !flow.scopes.is_empty() {
        let scopes = texts(&flow.scopes);
        out.extend(quote!(.scopes(#scopes)));
    }
    out
}

fn client(client: &Client) -> TokenStream {
    let mut out = quote!(Client::new());
    if let Some(id) = client.id.as_deref().map(text) {
        out.extend(quote!(.id(#id)));
    }
    let authentication = match client.authentication {
        ClientAuthentication::Discovered => None,
        ClientAuthentication::Basic => Some(quote!(ClientAuthentication::Basic)),
        ClientAuthentication::Post => Some(quote!(ClientAuthentication::Post)),
        ClientAuthentication::None => Some(quote!(ClientAuthentication::None)),
    };
    if let Some(authentication) = authentication {
        out.extend(quote!(.authentication(#authentication)));
    }
    if let Some(port) = client.redirect_port.map(proc_macro2::Literal::u16_unsuffixed) {
        out.extend(quote!(.redirect_port(#port)));
    }
    if let Some(resource) = client.resource.as_deref().map(text) {
        out.extend(quote!(.resource(#resource)));
    }
    if let Some(audience) = client.audience.as_deref().map(text) {
        out.extend(quote!(.audience(#audience)));
    }
    if !client.scopes.is_empty() {
        let scopes = texts(&client.scopes);
        out.extend(quote!(.scopes(#scopes)));
    }
    out
}

/// `&["read", "write"]`
pub(super) fn texts(list: &[String]) -> TokenStream {
    let list = list.iter().map(|one| text(one));
    quote!(&[#(#list),*])
}

/// `&[&[Need::scheme("key")], &[Need::scheme("oauth").scopes(&["books:write"])]]`
pub(super) fn security(requirements: &[Requirement]) -> TokenStream {
    let alternatives = requirements.iter().map(|requirement| {
        let needs = requirement.needs.iter().map(|need| {
            let scheme = text(need.scheme.as_str());
            if need.scopes.is_empty() {
                quote!(Need::scheme(#scheme))
            } else {
                let scopes = texts(&need.scopes);
                quote!(Need::scheme(#scheme).scopes(#scopes))
            }
        });
        quote!(&[#(#needs),*])
    });
    quote!(&[#(#alternatives),*])
}

fn location(location: Location) -> TokenStream {
    match location {
        Location::Path => quote!(Location::Path),
        Location::Query => quote!(Location::Query),
        Location::Header => quote!(Location::Header),
        Location::Cookie => quote!(Location::Cookie),
    }
}
