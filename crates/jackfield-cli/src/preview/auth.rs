//! The rows about authentication.

use jackfield_build::model;
use jackfield_runtime::v1::{Client, ClientAuthentication, Command, Flow, FlowKind, Need, Scheme};

use super::leak;

pub(super) fn scheme(scheme: &'static model::Scheme) -> Scheme {
    let mut row = kind(scheme)
        .commands(leak(scheme.commands.iter().map(command).collect::<Vec<_>>()))
        .flows(leak(scheme.flows.iter().map(flow).collect::<Vec<_>>()))
        .client(client(&scheme.client))
        .aliases(leak(scheme.aliases.iter().map(|alias| alias.as_str()).collect::<Vec<_>>()))
        .described(&scheme.description);
    if let Some(prefix) = &scheme.prefix {
        row = row.prefix(prefix);
    }
    match &scheme.metadata {
        Some(metadata) => row.metadata(metadata),
        None => row,
    }
}

fn kind(scheme: &'static model::Scheme) -> Scheme {
    let name = scheme.name.as_str();
    match &scheme.kind {
        model::SchemeKind::Bearer => Scheme::bearer(name),
        model::SchemeKind::Basic => Scheme::basic(name),
        model::SchemeKind::Digest => Scheme::digest(name),
        model::SchemeKind::OAuth2 => Scheme::oauth2(name),
        model::SchemeKind::OpenIdConnect => Scheme::openid_connect(name),
        model::SchemeKind::MutualTls => Scheme::mutual_tls(name),
        model::SchemeKind::Http(other) => Scheme::http(name, other.as_str()),
        model::SchemeKind::ApiKey { location, wire } => Scheme::api_key(name, *location, wire.as_str()),
    }
}

fn command(command: &'static model::Command) -> Command {
    Command::new(command.field.as_str(), texts(&command.program))
}

fn flow(flow: &'static model::Flow) -> Flow {
    let mut row = Flow::new(match flow.kind {
        model::FlowKind::AuthorizationCode => FlowKind::AuthorizationCode,
        model::FlowKind::ClientCredentials => FlowKind::ClientCredentials,
        model::FlowKind::DeviceCode => FlowKind::DeviceCode,
        model::FlowKind::Implicit => FlowKind::Implicit,
        model::FlowKind::Password => FlowKind::Password,
    })
    .scopes(texts(&flow.scopes));
    if let Some(url) = &flow.authorization {
        row = row.authorization(url);
    }
    if let Some(url) = &flow.device {
        row = row.device(url);
    }
    if let Some(url) = &flow.token {
        row = row.token(url);
    }
    match &flow.refresh {
        Some(url) => row.refresh(url),
        None => row,
    }
}

fn client(client: &'static model::Client) -> Client {
    let mut row = Client::new().scopes(texts(&client.scopes)).authentication(match client.authentication {
        model::ClientAuthentication::Discovered => ClientAuthentication::Discovered,
        model::ClientAuthentication::Basic => ClientAuthentication::Basic,
        model::ClientAuthentication::Post => ClientAuthentication::Post,
        model::ClientAuthentication::None => ClientAuthentication::None,
    });
    if let Some(id) = &client.id {
        row = row.id(id);
    }
    if let Some(port) = client.redirect_port {
        row = row.redirect_port(port);
    }
    if let Some(resource) = &client.resource {
        row = row.resource(resource);
    }
    match &client.audience {
        Some(audience) => row.audience(audience),
        None => row,
    }
}

/// The alternatives of a tool.
pub(super) fn security(requirements: &'static [model::Requirement]) -> &'static [&'static [Need]] {
    let need = |need: &'static model::Need| Need::scheme(need.scheme.as_str()).scopes(texts(&need.scopes));
    let alternatives = requirements
        .iter()
        .map(|requirement| leak(requirement.needs.iter().map(need).collect::<Vec<_>>()).as_slice());
    leak(alternatives.collect::<Vec<_>>())
}

pub(super) fn headers(headers: &'static [(String, String)]) -> &'static [(&'static str, &'static str)] {
    leak(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>())
}

pub(super) fn texts(texts: &'static [String]) -> &'static [&'static str] {
    leak(texts.iter().map(String::as_str).collect::<Vec<_>>())
}
