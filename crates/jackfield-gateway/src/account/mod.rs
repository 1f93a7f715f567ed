//! The gateway's account at another server: a login or a token in the vault (ADR 0072).

mod discover;
mod login_document;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jackfield_runtime::v1::{Client, Connector, Scheme, Server};
use jackfield_runtime::{
    Caller, Channel, Credential, CredentialSource as _, Destination, Environment, LocalSource, Pins, Secret,
    state_folder_of,
};

pub(crate) use discover::discover;
pub(crate) use login_document::LoginDocument;

/// The account at one server. Its tokens go to the origin of that server alone.
pub(crate) struct Account {
    scheme: &'static Scheme,
    source: LocalSource,
    destination: Destination,
}

impl Account {
    /// The account for a server, if `login` has made one for this address.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn of(name: &str, url: &str, environment: &Environment) -> Result<Option<Self>, String> {
        let state = state_folder_of(crate::config::NAME, environment).map_err(told)?;
        let stored = Pins::open(&state).and_then(|pins| LoginDocument::load(&pins, name)).map_err(told)?;
        let Some(document) = stored.filter(|document| document.url == url) else { return Ok(None) };
        let (connector, scheme) = tables(name, &document);
        let destination = Destination::parse(url).ok_or_else(|| format!("{url} has no origin"))?;
        let source = LocalSource::started_by(connector, environment.clone(), "jackfield-gateway");
        Ok(Some(Self { scheme, source, destination }))
    }

    /// A token that is valid now.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn token(&self) -> Result<Secret, String> {
        let scheme = self.scheme;
        let caller = Caller::local(Channel::CommandLine);
        let has_to = |missing: jackfield_runtime::Missing| format!("you have to {}", missing.remedy);
        self.source.check_destination(scheme, &self.destination, &caller).await.map_err(has_to)?;
        match self.source.credential(scheme, &[], &caller).await.map_err(has_to)? {
            Credential::Token(token) => Ok(token),
            _ => Err("the account has no token".to_owned()),
        }
    }

    /// Another token than the one that the server has refused, if there is one.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn renewed(&self, refused: &Secret) -> Result<Option<Secret>, String> {
        let scheme = self.scheme;
        let caller = Caller::local(Channel::CommandLine);
        let refused = Credential::Token(refused.clone());
        match self.source.renewed(scheme, &[], &caller, &refused).await {
            Ok(Some(Credential::Token(token))) => Ok(Some(token)),
            Ok(_) => Ok(None),
            Err(missing) => Err(format!("you have to {}", missing.remedy)),
        }
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The tables of a server: one scheme with the name of its connector, whose tokens are for its origin. The tables of the runtime live
/// as long as the process, and there are as many as gateway.toml has servers.
pub(crate) fn connector(name: &str, document: &LoginDocument) -> &'static Connector {
    tables(name, document).0
}

fn tables(name: &str, document: &LoginDocument) -> (&'static Connector, &'static Scheme) {
    static KNOWN: Mutex<BTreeMap<String, (&'static Connector, &'static Scheme)>> =
        Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    *known.entry(format!("{name} {}", document.print())).or_insert_with(|| {
        let text = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let scheme = match &document.authorization {
            None => Scheme::bearer(text(name)),
            Some(authorization) => {
                let scopes: Vec<&'static str> =
                    authorization.scopes.iter().map(|scope| text(scope)).collect();
                let client = Client::new().resource(text(&authorization.resource)).scopes(Vec::leak(scopes));
                Scheme::openid_connect(text(name)).metadata(text(&authorization.issuer)).client(client)
            }
        };
        let named: Vec<&'static str> = document.named_origins().iter().map(|origin| text(origin)).collect();
        let scheme: &'static Scheme = Box::leak(Box::new(scheme));
        let connector = Connector::new(text(&format!("gateway-{name}")))
            .title(text(&format!("Jackfield gateway, {name}")))
            .servers(Vec::leak(vec![Server::new(text(&document.origin()))]))
            .schemes(std::slice::from_ref(scheme))
            .named(Vec::leak(named));
        (Box::leak(Box::new(connector)), scheme)
    })
}
