//! The tables about authentication.

use jackfield_build::model::{self, SchemeKind};
use jackfield_runtime::rows::{Client, Command, Flow, Need, Scheme};

use super::arena::{Arena, maybe};

pub(super) fn scheme<'a>(scheme: &'a model::Scheme, arena: Arena<'a>) -> Scheme<'a> {
    let row = kind(scheme)
        .aliases(arena.list(scheme.aliases.iter().map(|alias| alias.as_str())))
        .described(&scheme.description)
        .commands(arena.list(scheme.commands.iter().map(|it| command(it, arena))))
        .flows(arena.list(scheme.flows.iter().map(|it| flow(it, arena))))
        .client(client(&scheme.client, arena));
    let row = maybe(row, scheme.prefix.as_deref(), Scheme::prefix);
    maybe(row, scheme.metadata.as_deref(), Scheme::metadata)
}

fn kind(scheme: &model::Scheme) -> Scheme<'_> {
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

fn command<'a>(command: &'a model::Command, arena: Arena<'a>) -> Command<'a> {
    Command::new(command.field.as_str(), arena.texts(&command.program))
}

fn flow<'a>(flow: &'a model::Flow, arena: Arena<'a>) -> Flow<'a> {
    let row = Flow::new(flow.kind).scopes(arena.texts(&flow.scopes));
    let row = maybe(row, flow.authorization.as_deref(), Flow::authorization);
    let row = maybe(row, flow.device.as_deref(), Flow::device);
    let row = maybe(row, flow.token.as_deref(), Flow::token);
    maybe(row, flow.refresh.as_deref(), Flow::refresh)
}

fn client<'a>(client: &'a model::Client, arena: Arena<'a>) -> Client<'a> {
    let row = Client::new().authentication(client.authentication).scopes(arena.texts(&client.scopes));
    let row = maybe(row, client.id.as_deref(), Client::id);
    let row = maybe(row, client.redirect_port, Client::redirect_port);
    let row = maybe(row, client.resource.as_deref(), Client::resource);
    maybe(row, client.audience.as_deref(), Client::audience)
}

/// Builds one security requirement alternative of a tool: the schemes that are needed together.
pub(super) fn requirement<'a>(requirement: &'a model::Requirement, arena: Arena<'a>) -> &'a [Need<'a>] {
    arena.list(requirement.needs.iter().map(|it| need(it, arena)))
}

fn need<'a>(need: &'a model::Need, arena: Arena<'a>) -> Need<'a> {
    Need::scheme(need.scheme.as_str()).scopes(arena.texts(&need.scopes))
}
