//! Describes the steps by which the user gets a token, as text that follows "the user has to".

use jackfield_recipe::shell_quoted;

use crate::auth::Destination;
use crate::auth::slot::{CredentialField, CredentialSlot};
use crate::call::held_rows::SchemeHandle;
use crate::call::rows::Scheme;

/// The remedies for a scheme.
#[derive(Clone)]
pub(crate) struct Remedy {
    pub(crate) row: SchemeHandle,
    /// The command that starts the connector.
    pub(crate) called: std::sync::Arc<str>,
    /// The command that stores a credential of a principal other than the local user. Such a principal cannot log in here.
    pub(crate) set_command: Option<std::sync::Arc<str>>,
    /// The command with which a principal other than the local user logs in, if there is one.
    pub(crate) login_command: Option<std::sync::Arc<str>>,
}

impl Remedy {
    fn scheme(&self) -> &Scheme<'_> {
        self.row.get()
    }

    /// Returns the name of the variable that holds `field`.
    pub(crate) fn variable(&self, field: CredentialField) -> String {
        let slot = CredentialSlot { connector: self.row.connector(), scheme: self.scheme(), field };
        let name = shell_quoted(self.scheme().name);
        match (&self.login_command, field) {
            (Some(login), CredentialField::Token) => return format!("`{login} --token`"),
            (Some(_), _) => return format!("`{} auth set {name} {}`", self.called, field.as_str()),
            (None, _) => {}
        }
        match &self.set_command {
            Some(set) => format!("`{set} {} {}`", shell_quoted(self.scheme().name), field.as_str()),
            None => slot.variable(),
        }
    }

    /// Returns the remedy if a user has to log in.
    pub(crate) fn log_in(&self) -> String {
        if let Some(login) = &self.login_command {
            return format!("run `{login}`");
        }
        if self.set_command.is_some() {
            return self.set_token();
        }
        format!(
            "run `{} auth login {}`, or {}",
            self.called,
            shell_quoted(self.scheme().name),
            self.set_token()
        )
    }

    /// Returns the remedy if a user has to log in for tokens that may also be sent to another origin.
    pub(crate) fn log_in_for(&self, destination: &Destination) -> String {
        let (called, scheme) = (&self.called, shell_quoted(self.scheme().name));
        if let Some(login) = &self.login_command {
            return format!("run `{login}`");
        }
        if let Some(set) = &self.set_command {
            return format!("run `{set} {scheme} --origin {}`", shell_quoted(&destination.to_string()));
        }
        if !self.scheme().has_login() {
            return format!("run `{called} auth logout {scheme}`, so that a new token is requested");
        }
        let origin = destination.to_string();
        format!("run `{called} auth login {scheme} --origin {}`", shell_quoted(&origin))
    }

    /// Returns the remedy if the OAuth client has to be set again, so that its tokens may also be sent to `destination`.
    pub(crate) fn set_client_for(&self, fields: &[CredentialField], destination: &Destination) -> String {
        let scheme = shell_quoted(self.scheme().name);
        // Without a field, the command prompts for both fields.
        let field = if let [field] = fields { format!(" {}", field.as_str()) } else { String::new() };
        let origin = destination.to_string();
        let set = match &self.set_command {
            Some(set) if self.login_command.is_none() => set.to_string(),
            _ => format!("{} auth set", self.called),
        };
        format!("run `{set} {scheme}{field} --origin {}`", shell_quoted(&origin))
    }

    /// Returns the remedy if a token has to be set by hand.
    pub(crate) fn set_token(&self) -> String {
        let verb = if self.set_command.is_some() { "run" } else { "set" };
        format!("{verb} {} ({})", self.variable(CredentialField::Token), self.scheme().describe())
    }

    /// Returns the remedy if a client has to be set and a user has to log in.
    pub(crate) fn name_client(&self) -> String {
        format!(
            "register this connector at the authorization server, set {} (and {} if there is one), and {}",
            self.variable(CredentialField::ClientId),
            self.variable(CredentialField::ClientSecret),
            self.log_in()
        )
    }

    /// Returns the remedy if a client has to be set but no login is needed.
    pub(crate) fn set_client(&self) -> String {
        format!(
            "set {} and {}, or {}",
            self.variable(CredentialField::ClientId),
            self.variable(CredentialField::ClientSecret),
            self.set_token()
        )
    }

    /// Returns the remedy if the server rejects the client.
    pub(crate) fn check_client(&self) -> String {
        format!(
            "check {} and {}",
            self.variable(CredentialField::ClientId),
            self.variable(CredentialField::ClientSecret)
        )
    }

    /// Returns the remedy if the server failed or cannot be reached.
    pub(crate) fn try_later(&self) -> String {
        format!("try again when the authorization server responds correctly, or {}", self.set_token())
    }

    /// Returns the remedy if the document declares too few endpoints.
    pub(crate) fn name_addresses(&self) -> String {
        format!(
            "set the URLs of a supported flow (authorization code, device code or client credentials) in \
             connector.toml, or {}",
            self.set_token()
        )
    }

    /// Returns the remedy for an OAuth error code.
    pub(crate) fn of_code(&self, code: &str) -> String {
        match code {
            "invalid_client" | "unauthorized_client" => self.check_client(),
            "invalid_scope" => "check the requested scopes in connector.toml".to_owned(),
            "invalid_target" => "check `resource` and `audience` in connector.toml".to_owned(),
            "access_denied" | "expired_token" | "invalid_grant" => self.log_in(),
            _ => self.try_later(),
        }
    }
}
