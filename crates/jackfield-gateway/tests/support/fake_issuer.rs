//! An authorization server whose user consents to everything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::tiny_http::{Message, escaped, field, serve};

/// The state and the settings of the server.
#[derive(Default)]
pub(crate) struct Known {
    /// The requests to each path, with their queries or forms.
    pub(crate) requests: Vec<(String, String)>,
    /// The client, the redirect URI and the PKCE challenge of each authorization code.
    codes: HashMap<String, (String, String, String)>,
    /// The tokens that were revoked.
    pub(crate) revoked: Vec<String>,
    count: u64,
    /// Metadata members that are added to the defaults or replace them.
    pub(crate) metadata: Value,
    /// The seconds for which tokens are valid.
    pub(crate) life: u64,
    /// The `iss` of redirects, if it is not the server's own issuer.
    pub(crate) other_iss: Option<String>,
    /// The client secret that token requests must have.
    pub(crate) secret: Option<String>,
}

/// An authorization server.
pub(crate) struct FakeIssuer {
    pub(crate) origin: String,
    pub(crate) known: Arc<Mutex<Known>>,
}

impl FakeIssuer {
    pub(crate) fn start() -> Self {
        let known = Arc::new(Mutex::new(Known { life: 3600, metadata: json!({}), ..Known::default() }));
        let state = Arc::clone(&known);
        let own = Arc::<Mutex<String>>::default();
        let shared = Arc::clone(&own);
        let origin = serve(move |request| {
            let origin = shared.lock().unwrap().clone();
            answer(&origin, request, &mut state.lock().unwrap())
        });
        own.lock().unwrap().clone_from(&origin);
        Self { origin, known }
    }

    /// Returns the queries and forms that a path has received so far.
    pub(crate) fn forms(&self, path: &str) -> Vec<String> {
        let known = self.known.lock().unwrap();
        known.requests.iter().filter(|(known, _)| known == path).map(|(_, form)| form.clone()).collect()
    }
}

fn answer(origin: &str, request: &Message, known: &mut Known) -> Message {
    let form = if request.body.is_empty() { request.query().to_owned() } else { request.body.clone() };
    known.requests.push((request.path().to_owned(), form.clone()));
    let text = |name: &str| field(&form, name).unwrap_or_default();
    match request.path() {
        "/.well-known/openid-configuration" => {
            let mut metadata = json!({
                "issuer": origin,
                "authorization_endpoint": format!("{origin}/authorize"),
                "token_endpoint": format!("{origin}/token"),
                "registration_endpoint": format!("{origin}/register"),
                "revocation_endpoint": format!("{origin}/revoke"),
                "authorization_response_iss_parameter_supported": true,
                "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
            });
            for (name, value) in known.metadata.as_object().unwrap() {
                metadata[name] = value.clone();
            }
            Message::json(200, &metadata)
        }
        "/register" => {
            known.count += 1;
            let mut client: Value = serde_json::from_str(&request.body).unwrap();
            client["client_id"] = format!("client-{}", known.count).into();
            Message::json(201, &client)
        }
        "/authorize" => {
            known.count += 1;
            let code = format!("code-{}", known.count);
            let redirect = text("redirect_uri");
            known.codes.insert(code.clone(), (text("client_id"), redirect.clone(), text("code_challenge")));
            let iss = known.other_iss.clone().unwrap_or_else(|| origin.to_owned());
            let (state, iss) = (escaped(&text("state")), escaped(&iss));
            Message::status(302).with("location", &format!("{redirect}?code={code}&state={state}&iss={iss}"))
        }
        "/token" => token(&text, known),
        "/revoke" => {
            known.revoked.push(text("token"));
            Message::json(200, &json!({}))
        }
        _ => Message::json(404, &json!({})),
    }
}

fn token(text: &dyn Fn(&str) -> String, known: &mut Known) -> Message {
    let refused = |error: &str| Message::json(400, &json!({ "error": error }));
    if known.secret.as_ref().is_some_and(|secret| *secret != text("client_secret")) {
        return refused("invalid_client");
    }
    if text("grant_type") == "refresh_token" {
        if known.revoked.contains(&text("refresh_token")) {
            return refused("invalid_grant");
        }
    } else {
        let verifier = URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier")));
        let known_code = known.codes.remove(&text("code"));
        if known_code != Some((text("client_id"), text("redirect_uri"), verifier)) {
            return refused("invalid_grant");
        }
    }
    known.count += 1;
    let (access, refresh) = (format!("access-{}", known.count), format!("refresh-{}", known.count));
    Message::json(
        200,
        &json!({
            "access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": known.life,
        }),
    )
}
