//! `[auth.schemes.NAME]`: the kind of one scheme, and the sources of its credentials.

use std::collections::BTreeMap;

use jackfield_model::{
    Client, ClientAuthentication, Command, CredentialField, FlowKind, Location, SchemeKind, WireName,
};
use serde::Deserialize;
use toml::Spanned;

use super::headers::is_token;
use super::refusal::{Refusal, Span};

/// The keys of one scheme in connector.toml. Each value is valid by itself; whether it suits the scheme depends on the document.
#[derive(Clone, Debug)]
pub(crate) struct SchemeChoice {
    pub(crate) span: Span,
    pub(crate) kind: Option<SchemeType>,
    pub(crate) location: Option<Location>,
    pub(crate) wire: Option<String>,
    pub(crate) rename: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) commands: Vec<Command>,
    /// The only flows to use, if the file lists them.
    pub(crate) flows: Option<Vec<FlowKind>>,
    pub(crate) authorization: Option<String>,
    pub(crate) device: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) refresh: Option<String>,
    pub(crate) metadata: Option<String>,
    pub(crate) client: Client,
}

/// The kinds of schemes in connector.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SchemeType {
    Basic,
    Digest,
    Bearer,
    ApiKey,
    #[serde(rename = "oauth2")]
    OAuth2,
    OpenidConnect,
    MutualTls,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenLocation {
    Header,
    Query,
    Cookie,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenFlow {
    AuthorizationCode,
    ClientCredentials,
    DeviceCode,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenAuthentication {
    Basic,
    Post,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenScheme {
    #[serde(rename = "type")]
    kind: Option<SchemeType>,
    #[serde(rename = "in")]
    location: Option<WrittenLocation>,
    name: Option<Spanned<String>>,
    rename: Option<Spanned<String>>,
    prefix: Option<Spanned<String>>,
    #[serde(default)]
    command: BTreeMap<Spanned<String>, Spanned<Vec<String>>>,
    flows: Option<Spanned<Vec<WrittenFlow>>>,
    authorization_url: Option<Spanned<String>>,
    device_url: Option<Spanned<String>>,
    token_url: Option<Spanned<String>>,
    refresh_url: Option<Spanned<String>>,
    metadata_url: Option<Spanned<String>>,
    client_id: Option<Spanned<String>>,
    client_authentication: Option<WrittenAuthentication>,
    redirect_port: Option<Spanned<u16>>,
    resource: Option<Spanned<String>>,
    audience: Option<Spanned<String>>,
    #[serde(default)]
    scopes: Vec<Spanned<String>>,
}

pub(super) fn parse(written: WrittenScheme, span: Span) -> Result<SchemeChoice, Refusal> {
    let location = written.location.map(|location| match location {
        WrittenLocation::Header => Location::Header,
        WrittenLocation::Query => Location::Query,
        WrittenLocation::Cookie => Location::Cookie,
    });
    let is_query = matches!(location, Some(Location::Query));
    let name = |text: &str| is_query && !text.trim().is_empty() || is_token(text);
    let renamed = |text: &str| text.bytes().any(|b| b.is_ascii_alphanumeric()) && is_plain(text);
    Ok(SchemeChoice {
        span,
        kind: written.kind,
        location,
        wire: sound(written.name, name, "a valid name in that location", "write a name such as `X-Key`")?,
        rename: sound(written.rename, renamed, "a name", "write letters and digits, as in `partnerKey`")?,
        prefix: sound(written.prefix, is_plain, "a valid header value", "write a prefix such as `Token `")?,
        commands: commands(written.command)?,
        flows: written.flows.map(flows).transpose()?,
        authorization: address(written.authorization_url)?,
        device: address(written.device_url)?,
        token: address(written.token_url)?,
        refresh: address(written.refresh_url)?,
        metadata: address(written.metadata_url)?,
        client: Client {
            id: sound(
                written.client_id,
                is_plain,
                "a client's name",
                "write the value that the service issued",
            )?,
            authentication: match written.client_authentication {
                None => ClientAuthentication::Discovered,
                Some(WrittenAuthentication::Basic) => ClientAuthentication::Basic,
                Some(WrittenAuthentication::Post) => ClientAuthentication::Post,
                Some(WrittenAuthentication::None) => ClientAuthentication::None,
            },
            redirect_port: match written.redirect_port {
                Some(port) if *port.get_ref() == 0 => {
                    let help = "set the registered port; without this key, a free port is used";
                    return Err(Refusal::new(port.span(), "port 0 cannot receive a redirect", help));
                }
                port => port.map(Spanned::into_inner),
            },
            resource: address(written.resource)?,
            audience: sound(
                written.audience,
                is_plain,
                "an audience",
                "write the name that the service uses",
            )?,
            scopes: scopes(written.scopes)?,
        },
    })
}

/// Returns the text if it passes the check. Otherwise returns a refusal with the expected form and the remedy.
fn sound(
    text: Option<Spanned<String>>,
    is_sound: impl Fn(&str) -> bool,
    wanted: &str,
    help: &str,
) -> Result<Option<String>, Refusal> {
    match text {
        Some(text) if !is_sound(text.get_ref()) => {
            Err(Refusal::new(text.span(), format!("{:?} is not {wanted}", text.get_ref()), help))
        }
        text => Ok(text.map(Spanned::into_inner)),
    }
}

fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

fn address(text: Option<Spanned<String>>) -> Result<Option<String>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let refused = |problem| {
        let problem = format!("`{}` is a URL {problem}", text.get_ref());
        Refusal::new(text.span(), problem, "write a URL such as `https://login.example.com/token`")
    };
    jackfield_openapi::endpoint(text.get_ref()).map(Some).map_err(refused)
}

fn commands(written: BTreeMap<Spanned<String>, Spanned<Vec<String>>>) -> Result<Vec<Command>, Refusal> {
    let mut commands = Vec::new();
    for (what, program) in written {
        let Some(field) = CredentialField::ALL.into_iter().find(|field| field.as_str() == what.get_ref())
        else {
            let known = CredentialField::ALL.map(CredentialField::as_str).join("`, `");
            let problem = format!("no scheme has a credential called `{}`", what.get_ref());
            return Err(Refusal::new(what.span(), problem, format!("use one of `{known}`")));
        };
        let words = program.get_ref();
        if words.first().is_none_or(|first| first.trim().is_empty())
            || words.iter().any(|it| it.contains('\0'))
        {
            let help = "write the program and its arguments, as in `[\"pass\", \"show\", \"shop\"]`; no shell interprets them";
            return Err(Refusal::new(program.span(), "this is not a command", help));
        }
        commands.push(Command { field, program: program.into_inner() });
    }
    commands.sort_by_key(|command| command.field);
    Ok(commands)
}

fn flows(written: Spanned<Vec<WrittenFlow>>) -> Result<Vec<FlowKind>, Refusal> {
    if written.get_ref().is_empty() {
        let help = "name the flows to use, or remove the key";
        return Err(Refusal::new(written.span(), "`flows` is empty, so no token can be obtained", help));
    }
    let kind = |flow| match flow {
        WrittenFlow::AuthorizationCode => FlowKind::AuthorizationCode,
        WrittenFlow::ClientCredentials => FlowKind::ClientCredentials,
        WrittenFlow::DeviceCode => FlowKind::DeviceCode,
    };
    Ok(written.into_inner().into_iter().map(kind).collect())
}

fn scopes(written: Vec<Spanned<String>>) -> Result<Vec<String>, Refusal> {
    let is_scope = |text: &str| is_plain(text) && !text.contains(' ');
    let mut scopes = Vec::new();
    for scope in written {
        scopes.extend(sound(Some(scope), is_scope, "one scope", "quote each item separately")?);
    }
    scopes.sort();
    scopes.dedup();
    Ok(scopes)
}

impl SchemeType {
    /// Returns the kind of the scheme, or `None` for an API key without a location.
    pub(crate) fn kind(self, place: Option<(Location, &str)>) -> Option<SchemeKind> {
        Some(match self {
            Self::Basic => SchemeKind::Basic,
            Self::Digest => SchemeKind::Digest,
            Self::Bearer => SchemeKind::Bearer,
            Self::OAuth2 => SchemeKind::OAuth2,
            Self::OpenidConnect => SchemeKind::OpenIdConnect,
            Self::MutualTls => SchemeKind::MutualTls,
            Self::ApiKey => {
                let (location, wire) = place?;
                SchemeKind::ApiKey { location, wire: WireName::new(wire).ok()? }
            }
        })
    }
}
