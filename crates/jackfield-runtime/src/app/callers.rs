//! Chooses from the options how a server identifies its HTTP callers.

use super::output::Failure;
use super::serve_options::ServeOptions;
#[cfg(feature = "serve")]
use super::state;
use crate::auth::LocalSource;
#[cfg(feature = "http")]
pub(super) use crate::mcp::http::Callers;

/// A placeholder without tokens, for programs that are built without HTTP.
#[cfg(not(feature = "http"))]
#[derive(Default)]
pub(super) struct Callers {}

/// Creates the check of the callers' individual tokens, if the options require individual tokens.
///
/// # Errors
/// Returns an error if two options contradict each other, or if the store of tokens cannot be opened.
#[cfg(feature = "serve")]
pub(super) fn of(options: &ServeOptions, local: &LocalSource) -> Result<Callers, Failure> {
    use std::sync::Arc;

    use crate::auth::Endpoint;
    use crate::control::tokens::StoredTokens;
    use crate::inbound::claims::is_scope;
    use crate::inbound::issuer_server::IssuerServer;
    use crate::inbound::named_token::NamedTokens;
    use crate::inbound::resource_server::Inbound;

    if !options.has_callers() {
        let of_callers = [
            ("--audience", options.audience.is_some()),
            ("--public-url", options.public_url.is_some()),
            ("--scope", !options.scopes.is_empty()),
        ];
        return match of_callers.iter().find(|(_, is_set)| *is_set) {
            Some((flag, _)) => {
                Err(Failure::usage(format!("`{flag}` needs `--issuer URL` or `--http-auth named-tokens`")))
            }
            None => Ok(Callers::default()),
        };
    }
    if options.audience.is_some() && options.issuer.is_none() {
        return Err(Failure::usage("`--audience` needs `--issuer URL`"));
    }
    if let Some(scope) = options.scopes.iter().find(|scope| !is_scope(scope)) {
        return Err(Failure::usage(format!("`--scope` takes one scope, not {scope:?}; repeat it for more")));
    }
    if let Some(url) = &options.public_url {
        let path = Endpoint::parse(url).map_err(|why| Failure::usage(format!("--public-url: {why}")))?;
        if path.uri().query().is_some() || !path.uri().path().ends_with("/mcp") {
            return Err(Failure::usage(format!(
                "--public-url: {url:?} has to end with /mcp, as in https://shop.example.com/mcp"
            )));
        }
    }
    let environment = local.store().environment();
    let issuer = options.issuer.as_ref().map(|issuer| {
        let server = IssuerServer::new(issuer, local.connector(), environment);
        server.map_err(|why| Failure::usage(format!("--issuer: {why}")))
    });
    let named: Arc<dyn NamedTokens> = Arc::new(StoredTokens::new(state::store(local)?));
    let inbound = Inbound {
        issuer: issuer.transpose()?,
        url: options.public_url.clone(),
        audience: options.audience.clone(),
        scopes: options.scopes.clone(),
        named: Some(named),
    };
    Ok(Callers { inbound: Some(inbound), pages: None })
}

#[cfg(not(feature = "serve"))]
#[allow(clippy::unnecessary_wraps, reason = "with the feature `serve`, opening the store can fail")]
pub(super) fn of(_: &ServeOptions, _: &LocalSource) -> Result<Callers, Failure> {
    Ok(Callers::default())
}
