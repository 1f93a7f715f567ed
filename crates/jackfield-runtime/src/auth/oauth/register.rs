//! Dynamic client registration (RFC 7591).

use serde_json::json;

use super::ask::Answer;
use super::client::Client;
use super::error::OAuthError;
use super::registered::Registered;
use super::server::Server;
use super::session::Session;
use crate::common::secret::Secret;

impl Session {
    /// Registers the connector as the client of one user. If `port` is set, the client receives redirects at this port. Otherwise, it uses
    /// the device flow.
    pub(super) async fn register(&self, server: &Server, port: Option<u16>) -> Result<Client, OAuthError> {
        let (answer, named) = self.registration(server, port.map(super::loopback::address)).await?;
        self.keep_registered(answer, &named, port).ok_or_else(|| self.no_client_id())
    }

    /// Registers a client with the redirect URI `redirect`. Without a redirect URI, the client uses the device flow.
    pub(super) async fn registration(
        &self,
        server: &Server,
        redirect: Option<String>,
    ) -> Result<(Answer, String), OAuthError> {
        let Some((at, named)) = server
            .registration()
            .map_err(|why| OAuthError::new(why, self.remedy.name_client()))?
            .zip(self.scheme().metadata)
        else {
            let problem = format!("`{}` needs a client, but none is configured", self.scheme().name);
            return Err(OAuthError::new(problem, self.remedy.name_client()));
        };
        let title =
            if self.connector().title.is_empty() { self.connector().name } else { self.connector().title };
        let metadata = server.metadata.as_deref();
        let taken = |endpoint| metadata.and_then(|metadata| metadata.list(endpoint));
        let at_token = taken("token_endpoint_auth_methods_supported");
        // A client that cannot authenticate at the revocation endpoint could not revoke its tokens.
        let at_revocation = taken("revocation_endpoint_auth_methods_supported");
        let takes = |method: &str| {
            at_token.as_ref().is_some_and(|taken| taken.contains(&method))
                && at_revocation.as_ref().is_none_or(|taken| taken.contains(&method))
        };
        // A distributed program cannot keep a secret, so `none` is preferred.
        let method =
            ["none", "client_secret_basic", "client_secret_post"].into_iter().find(|method| takes(method));
        let mut said = json!({
            "client_name": format!("{title} ({}-mcp)", self.connector().name),
            "application_type": application_type(redirect.as_deref()),
            "token_endpoint_auth_method": method.unwrap_or("client_secret_basic"),
            "redirect_uris": [],
            "response_types": [],
            "grant_types": [super::device::GRANT_TYPE, "refresh_token"],
        });
        if let Some(redirect) = redirect {
            said["redirect_uris"] = json!([redirect]);
            said["response_types"] = json!(["code"]);
            said["grant_types"] = json!(["authorization_code", "refresh_token"]);
        }
        if !self.scope().is_empty() {
            said["scope"] = json!(self.scope());
        }
        let answer = self.asker.post(&at, &said).await.map_err(|refusal| {
            OAuthError::new(
                format!("the connector cannot register itself: {refusal}"),
                self.remedy.name_client(),
            )
        })?;
        Ok((answer, named.to_owned()))
    }

    /// Returns the error for a registration response without a `client_id`.
    pub(super) fn no_client_id(&self) -> OAuthError {
        OAuthError::new(
            "the authorization server registers a client but returns no client_id",
            self.remedy.name_client(),
        )
    }

    fn keep_registered(&self, mut answer: Answer, named: &str, port: Option<u16>) -> Option<Client> {
        answer.insert("server".to_owned(), json!(named));
        answer.insert("endpoints".to_owned(), json!(self.scheme().token_side()));
        answer.insert("redirect_port".to_owned(), json!(port));
        let registered = Registered::of(answer)?;
        let record = Secret::new(serde_json::to_string(&registered.record).ok()?);
        if let Err(remedy) = self.store.records().put(&self.record("registered"), &record) {
            tracing::warn!(
                scheme = self.scheme().name,
                %remedy,
                "the registration is lost when this connector ends"
            );
        }
        Some(registered.client)
    }
}

/// Returns the `application_type` of OpenID Connect. Only a `native` application may have a redirect URI on the user's own machine.
fn application_type(redirect: Option<&str>) -> &'static str {
    if redirect.is_some_and(|redirect| redirect.starts_with("https://")) { "web" } else { "native" }
}
