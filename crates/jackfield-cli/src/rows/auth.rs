//! The rows about authentication.

use jackfield_build::model::{self, SchemeKind};
use jackfield_runtime::v1::{Client, Command, Flow, Need, Scheme};

use super::leak::{list, maybe, texts};

pub(super) fn scheme(scheme: &'static model::Scheme) -> Scheme {
    let row = kind(scheme)
        .aliases(list(scheme.aliases.iter().map(|alias| alias.as_str())))
        .described(&scheme.description)
        .commands(list(scheme.commands.iter().map(command)))
        .flows(list(scheme.flows.iter().map(flow)))
        .client(client(&scheme.client));
    let row = maybe(row, scheme.prefix.as_deref(), Scheme::prefix);
    maybe(row, scheme.metadata.as_deref(), Scheme::metadata)
}

fn kind(scheme: &'static model::Scheme) -> Scheme {
    let name = scheme.name.as_str();
    match &scheme.kind {
        SchemeKind::Bearer => Scheme::bearer(name),
        SchemeKind::Basic => Scheme::basic(name),
        SchemeKind::Digest => Scheme::digest(name),
        SchemeKind::OAuth2 => Scheme::oauth2(name),
        SchemeKind::OpenIdConnect => Scheme::openid_connect(name),
        SchemeKind::MutualTls => Scheme::mutual_tls(name),
        SchemeKind::Http(other) => Scheme::http(name, other.as_str()),
        SchemeKind::ApiKey { location, wire } => Scheme::api_key(name, *location, wire.as_str()),
    }
}

fn command(command: &'static model::Command) -> Command {
    Command::new(command.field.as_str(), texts(&command.program))
}

fn flow(flow: &'static model::Flow) -> Flow {
    let row = Flow::new(flow.kind).scopes(texts(&flow.scopes));
    let row = maybe(row, flow.authorization.as_deref(), Flow::authorization);
    let row = maybe(row, flow.device.as_deref(), Flow::device);
    let row = maybe(row, flow.token.as_deref(), Flow::token);
    maybe(row, flow.refresh.as_deref(), Flow::refresh)
}

fn client(client: &'static model::Client) -> Client {
    let row = Client::new().authentication(client.authentication).scopes(texts(&client.scopes));
    let row = maybe(row, client.id.as_deref(), Client::id);
    let row = maybe(row, client.redirect_port, Client::redirect_port);
    let row = maybe(row, client.resource.as_deref(), Client::resource);
    maybe(row, client.audience.as_deref(), Client::audience)
}

/// One alternative of a tool: the schemes that it needs together.
pub(super) fn requirement(requirement: &'static model::Requirement) -> &'static [Need] {
    list(requirement.needs.iter().map(need))
}

fn need(need: &'static model::Need) -> Need {
    Need::scheme(need.scheme.as_str()).scopes(texts(&need.scopes))
}
