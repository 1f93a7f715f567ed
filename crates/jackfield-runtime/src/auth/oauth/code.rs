//! The authorization code flow with PKCE (RFC 7636). A browser on this machine delivers the code, which only this
//! process can redeem. The `state` and `iss` (RFC 9207) parameters of the redirect are checked.

use super::client::Client;
use super::endpoint::Endpoint;
use super::error::OAuthError;
use super::grant::{Grant, Purpose};
use super::identity::Identity;
use super::login::Teller;
use super::loopback::Loopback;
use super::random::{challenge, random_text};
use super::server::Server;
use super::session::Session;
use crate::call::rows::FlowKind;
use crate::common::form_fields::FormFields;
use crate::common::secret::{Secret, Secrets};

const KIND: FlowKind = FlowKind::AuthorizationCode;

/// A request to the authorization endpoint, whose redirect has not come yet.
pub(super) struct CodeRequest {
    /// The address that the browser opens.
    pub(super) address: String,
    pub(super) state: Secret,
    verifier: Secret,
    redirect: String,
    identity: Identity,
    purpose: Purpose,
    token_endpoint: Endpoint,
    server: Server,
}

impl Session {
    pub(super) async fn by_browser(&self, server: &Server, teller: &dyn Teller) -> Result<Grant, OAuthError> {
        self.address(server.authorization(), "authorization endpoint")?;
        let loopback = self.loopback().await?;
        let client = self.client_for(server, Some(loopback.port())).await?;
        let request = self.code_request(server, client, loopback.address())?;
        teller.open(&request.address);
        let waited = loopback.wait(request.state.clone(), self.time_limits.login).await;
        let parameters = waited.ok_or_else(|| {
            let minutes = self.time_limits.login.as_secs().div_ceil(60);
            OAuthError::new(
                format!("the browser did not return within {minutes} minutes"),
                self.remedy.log_in(),
            )
        })?;
        self.redeem(request, &parameters).await
    }

    /// Creates the authorization request of a client whose redirect URI is `redirect`.
    pub(super) fn code_request(
        &self,
        server: &Server,
        client: Client,
        redirect: String,
    ) -> Result<CodeRequest, OAuthError> {
        let authorization = self.address(server.authorization(), "authorization endpoint")?;
        let token_endpoint = self.address(server.token(KIND), "token endpoint")?;
        let purpose = self.address(Ok(self.purpose(KIND, &client.id)), "token endpoint")?;
        let identity = self.proven(client, server)?;

        let no_random = |why| OAuthError::new(why, self.remedy.set_token());
        let random = || random_text().map_err(no_random);
        let (state, verifier, nonce) = (random()?, random()?, random()?);
        let (scope, challenge) = (self.scope(), challenge(&verifier));
        let wanted = self.wanted();
        let with = |scope, value| if wanted.contains(scope) { value } else { "" };
        let pairs = [
            ("response_type", "code"),
            ("client_id", identity.id.as_str()),
            ("redirect_uri", &redirect),
            ("scope", &scope),
            ("state", state.expose()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", purpose.resource.as_deref().unwrap_or_default()),
            ("audience", purpose.audience.as_deref().unwrap_or_default()),
            // OpenID Connect issues refresh tokens only with `prompt=consent`. Some servers also require a
            // nonce, although it protects ID tokens only.
            ("prompt", with("offline_access", "consent")),
            ("nonce", with("openid", nonce.expose())),
        ];
        let pairs: Vec<(&str, &str)> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let address = authorization.with_query(&pairs);
        let server = server.clone();
        Ok(CodeRequest { address, state, verifier, redirect, identity, purpose, token_endpoint, server })
    }

    /// Redeems the authorization code in `parameters`: the query of the redirect that followed `request`.
    pub(super) async fn redeem(
        &self,
        request: CodeRequest,
        parameters: &FormFields,
    ) -> Result<Grant, OAuthError> {
        let CodeRequest { verifier, redirect, identity, purpose, token_endpoint, server, .. } = request;
        let code = self.check(parameters, &server)?;
        let form = self
            .form("authorization_code", &purpose)
            .secret("code", &code)
            .secret("code_verifier", &verifier)
            .text("redirect_uri", &redirect);
        let answer = self.submit(&token_endpoint, &identity, form).await?;
        self.granted(answer, purpose, &server, token_endpoint.to_string())
    }

    /// Binds the registered redirect port, or else a free port.
    async fn loopback(&self) -> Result<Loopback, OAuthError> {
        let taken = |port: u16, error: std::io::Error| {
            OAuthError::new(
                format!(
                    "port {port} of 127.0.0.1, which receives the login's redirect, cannot be used: {error}"
                ),
                "end the program that has it, or change `redirect_port` in connector.toml",
            )
        };
        if let Some(port) = self.scheme().client.redirect_port {
            return Loopback::bind(port).await.map_err(|error| taken(port, error));
        }
        if self.named_client().await?.is_none()
            && let Some(port) = self.registered()?.and_then(|registered| registered.port)
            && let Ok(loopback) = Loopback::bind(port).await
        {
            return Ok(loopback);
        }
        Loopback::bind(0).await.map_err(|error| taken(0, error))
    }

    /// Returns the authorization code of a redirect, or an error if the redirect does not come from `server`.
    fn check(&self, parameters: &FormFields, server: &Server) -> Result<Secret, OAuthError> {
        let shown = |text: &str| super::ask::shown(text, &Secrets::default());
        let wrong = |problem: String| OAuthError::new(problem, self.remedy.log_in());
        if let Some(error) = parameters.get("error") {
            let said = parameters.get("error_description").map(|said| format!(", {:?}", shown(said)));
            let said = said.unwrap_or_default();
            let problem = format!("the authorization server answers {}{said}", shown(error));
            return Err(OAuthError::new(problem, self.remedy.of_code(error)));
        }
        if let Some(metadata) = &server.metadata {
            match parameters.get("iss") {
                Some(issuer) if issuer == metadata.issuer => {}
                Some(issuer) => {
                    return Err(wrong(format!(
                        "the browser returned from another authorization server, {:?} instead of {:?}",
                        shown(issuer),
                        metadata.issuer
                    )));
                }
                None if metadata.flag("authorization_response_iss_parameter_supported") => {
                    let issuer = &metadata.issuer;
                    return Err(wrong(format!(
                        "the redirect has no parameter `iss` that names its authorization server, {issuer}"
                    )));
                }
                None => {}
            }
        }
        let code = parameters.get("code").filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| wrong("the browser returned without a code".to_owned()))?;
        Ok(Secret::new(code.to_owned()))
    }
}
