//! Explains the request of a call piece by piece. Nothing is sent, and no credential is read.

pub(crate) mod piece;
mod pieces;

use jackfield_recipe::{Ask, Effect, Setting};
use serde_json::{Map, Value};

use super::Api;
use super::prepare::Composed;
use crate::auth::{credential_needs, fill_placeholders};
use crate::call::held_rows::ToolHandle;
use crate::call::origin::Origin;
use crate::call::rows::Need;
use crate::common::caller::{Caller, Channel};
use crate::engine::approval::ask_mode::{AskMode, Needed};
use crate::engine::error::CallError;
use crate::engine::upstream::UpstreamLimits;
use crate::engine::upstream::repeat::Repeat;
use crate::transport::destinations::Names;
use piece::Piece;

/// The request that a call would send, and the reason for each of its pieces.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The request, byte for byte, with placeholders for credentials.
    pub request: String,
    /// The pieces of the request, in the order in which it contains them.
    pub pieces: Vec<Piece>,
    /// The base URL.
    pub base: String,
    /// The origin that receives the request.
    pub origin: String,
    /// The variable that selects the base URL, if one is set.
    pub base_variable: Option<String>,
    /// The reason why the origin does not receive credentials. `None` if it receives them.
    pub withheld: Option<String>,
    /// The credentials that the call would use. Empty if it needs none.
    pub credentials: Vec<CredentialUse>,
    /// The effect of the tool.
    pub effect: Effect,
    /// Describes when a call over stdio waits for the approval of a person, with the default `--ask auto`.
    pub approval_over_stdio: &'static str,
    /// Describes when a call over HTTP waits for the approval of a person, with the default `--ask destroy`.
    pub approval_over_http: &'static str,
    /// Describes whether and when the request is sent again.
    pub retry: &'static str,
    /// The maximum number of attempts.
    pub attempts: u32,
    /// Facts about the call that the request does not show.
    pub notes: Vec<String>,
}

/// A credential that a call would use, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialUse {
    /// The name of the scheme.
    pub scheme: String,
    /// The kind of the credential in words.
    pub kind: &'static str,
    /// The header, parameter or cookie that contains the credential.
    pub place: String,
    /// The variable or other source of each field of the credential.
    pub sources: Vec<String>,
    /// Whether a variable, a file or a command provides the credential. The vault is not opened.
    pub is_set: bool,
    /// The scopes that the operation needs.
    pub scopes: Vec<String>,
}

impl Api {
    /// Explains a call: composes its request as a dry run does, and names the source of each piece.
    ///
    /// # Errors
    /// Returns the errors of a call that occur before credentials are looked up.
    pub async fn explain(
        &self,
        tool: impl Into<ToolHandle>,
        arguments: Map<String, Value>,
    ) -> Result<Explanation, CallError> {
        let handle = tool.into();
        let (scope, deadline) = (self.executor.admission().scope(), self.executor.deadline());
        let (_stop, caller) = (scope.stop_at_end(), Caller::local(Channel::CommandLine));
        let (given, names) = (arguments.clone(), Names::Public);
        let composed = self.compose_within(&handle, arguments, names, deadline, &scope, &caller).await?;
        let Composed { mut outgoing, coerced, route, fields, save } = composed;
        let tool = handle.get();
        let args = self.fitted_arguments(tool, given, &caller)?;
        let files = self.inner.files.of_caller(&caller).counted_in(&scope);
        let known = pieces::Known::of(self.connector(), tool, &self.inner.environment, &args, &files);
        let mut pieces = pieces::of(&outgoing, route.base.as_str(), tool, known);
        let mut notes: Vec<String> = coerced.into_iter().collect();
        if let Some(fields) = fields {
            let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
            notes.push(format!(
                "the reply is reduced to {}; the service does not get this argument",
                fields.join(", ")
            ));
        }
        if let Some(save) = save {
            notes.push(format!(
                "the reply is stored in {}; the service does not get these arguments",
                save.path().display()
            ));
        }
        let mut credentials = Vec::new();
        match &route.withheld {
            None => {
                let source = &*self.inner.credentials;
                let needs = credential_needs(self.connector(), tool, source, &self.signers);
                credentials = needs.iter().filter_map(|need| self.credential_use(need)).collect();
                let before = outgoing.clone();
                notes.extend(fill_placeholders(self.connector(), tool, source, &self.signers, &mut outgoing));
                pieces::add_credentials(&mut pieces, &before, &outgoing, self.connector(), needs);
            }
            Some(why) => notes.extend((!tool.security.is_empty()).then(|| why.to_string())),
        }
        let is_key_added = !tool.idempotency_key.is_empty() && Repeat::of(tool, true) == Repeat::Write;
        if is_key_added {
            notes.push(format!(
                "the header `{}` gets a new random key in each call, unless an argument sets it",
                tool.idempotency_key
            ));
        }
        let variable = Setting::BaseUrl.variable(self.connector().name);
        let repeat = Repeat::of(tool, is_key_added);
        Ok(Explanation {
            request: outgoing.to_string(),
            pieces,
            base: route.base.as_str().to_owned(),
            origin: Origin::of_base(&route.base).map(|origin| origin.to_string()).unwrap_or_default(),
            base_variable: self.inner.environment.get(&variable).is_some().then_some(variable),
            withheld: route.withheld.as_ref().map(ToString::to_string),
            credentials,
            effect: tool.effect,
            approval_over_stdio: waits(AskMode::Auto, tool.ask, tool.effect),
            approval_over_http: waits(AskMode::Destroy, tool.ask, tool.effect),
            retry: retries(repeat),
            attempts: match repeat {
                Repeat::Never => 1,
                _ => UpstreamLimits::of(self.connector(), &self.inner.environment).0.attempts,
            },
            notes,
        })
    }

    fn credential_use(&self, need: &Need<'_>) -> Option<CredentialUse> {
        let scheme = self.connector().schemes.iter().find(|scheme| scheme.name == need.scheme)?;
        let outline = self.inner.credentials.outline(scheme);
        let is_signed = self.signers.contains_key(scheme.name);
        let sources = scheme.kind.fields().iter().map(|field| outline.name(*field));
        Some(CredentialUse {
            scheme: scheme.name.to_owned(),
            kind: scheme.describe(),
            place: scheme.kind.slot().to_string(),
            sources: sources.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            is_set: is_signed || outline.is_set,
            scopes: need.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        })
    }
}

/// Describes when a call waits for an approval.
const fn waits(mode: AskMode, ask: Ask, effect: Effect) -> &'static str {
    match mode.needs(ask, effect) {
        Needed::No => "does not wait",
        Needed::IfAskable => "waits for the user, if the client supports elicitation",
        Needed::Yes => "waits for a person",
    }
}

/// Describes when a request is retried.
const fn retries(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Never => "never sent again, because a second request could have a second effect",
        Repeat::Write => "sent again while the service has not begun to answer, and after 429 or 503",
        Repeat::Read => "sent again after failures of the connection, and after 408, 429, 502, 503 or 504",
    }
}

#[cfg(test)]
mod tests;
