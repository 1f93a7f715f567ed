//! Tests of logins in a browser on this machine, or with a code on another machine.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::Shop;
use super::renewal::nth;
use super::script::{Asked, Script, gives, nowhere, pair, refuses, reply};
use crate::auth::oauth::random::challenge;
use crate::auth::oauth::{LoggedOut, Teller, Way};
use crate::call::rows::FlowKind;
use crate::common::secret::Secret;
use crate::v1::{Client, Flow, Scheme};

/// A person whose browser calls the redirect URI with a query. In the query, `$state` stands for the right state,
/// and `$issuer` for the server's issuer.
#[derive(Default)]
pub(super) struct Person {
    brings: &'static str,
    issuer: String,
    told: Arc<Mutex<Vec<String>>>,
}

impl Person {
    pub(super) fn bringing(brings: &'static str, server: &Script) -> Self {
        Self { brings, issuer: server.url.clone(), ..Self::default() }
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

impl Teller for Person {
    fn open(&self, address: &str) {
        self.told.lock().unwrap().push(address.to_owned());
        let redirect = pair(address, "redirect_uri").unwrap().replace("%3A", ":").replace("%2F", "/");
        let issuer = crate::call::encode::escape(&self.issuer, crate::call::encode::Keep::Unreserved);
        let brings =
            self.brings.replace("$state", pair(address, "state").unwrap()).replace("$issuer", &issuer);
        tokio::spawn(async move { browse(&format!("{redirect}?{brings}")).await });
    }

    fn enter(&self, code: &str, address: &str, complete: Option<&str>) {
        self.told.lock().unwrap().push(format!("{code} at {address}, {}", complete.unwrap_or("-")));
    }
}

/// Requests the URL `address` as a browser does. Returns the status and the page.
pub(super) async fn browse(address: &str) -> (u16, String) {
    let request =
        http::Request::get(address).body(crate::transport::request_body::RequestBody::default()).unwrap();
    static NOBODY: crate::v1::Connector = crate::v1::Connector::new("browser");
    let answer = super::http(&NOBODY).exchange(request, 10_000, super::TIME_LIMITS.login).await.unwrap();
    (answer.status.as_u16(), String::from_utf8(answer.body.to_vec()).unwrap())
}

/// Starts a server that publishes metadata with the additional members `fields`.
pub(super) async fn server(
    fields: Value,
    token: impl Fn(&Asked, usize) -> String + Send + Sync + 'static,
) -> Script {
    Script::start(move |asked, number| {
        let host = asked.head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        if asked.line.starts_with("GET /.well-known/openid-configuration ") {
            let mut metadata = json!({
                "issuer": format!("http://{host}"),
                "authorization_endpoint": format!("http://{host}/authorize"),
                "token_endpoint": format!("http://{host}/token"),
                "device_authorization_endpoint": format!("http://{host}/device"),
                "revocation_endpoint": format!("http://{host}/revoke"),
            });
            for (name, value) in fields.as_object().unwrap() {
                metadata[name] = match value.as_str() {
                    Some(path) if path.starts_with('/') => json!(format!("http://{host}{path}")),
                    _ => value.clone(),
                };
            }
            gives(&metadata)
        } else if asked.is("/device") {
            gives(&json!({
                "device_code": "canary-device", "user_code": "ABCD-EFGH", "interval": 1, "expires_in": 100,
                "verification_uri": format!("http://{host}/code"),
                "verification_uri_complete": format!("http://{host}/code?user_code=ABCD-EFGH"),
            }))
        } else if asked.is("/register") {
            reply(
                201,
                "application/json",
                &json!({ "client_id": format!("registered-{number}") }).to_string(),
            )
        } else if asked.is("/revoke") {
            reply(200, "text/plain", "")
        } else {
            token(asked, number)
        }
    })
    .await
}

fn shop_of(server: &Script, variables: &[(&str, &str)]) -> Shop {
    Shop::new(
        Scheme::openid_connect("oauth").metadata(server.at("/.well-known/openid-configuration")),
        variables,
    )
}

const ME: [(&str, &str); 2] = [("SHOP_CLIENT_ID", "me"), ("DISPLAY", ":0")];

#[tokio::test]
async fn authorization_code_is_redeemed_with_pkce_verifier() {
    let server = server(json!({ "authorization_response_iss_parameter_supported": true }), nth).await;
    let client = Client::new().scopes(&["offline_access"]).resource("https://api.example.com");
    let shop = shop_of(&server, &ME);
    let shop = shop.changed(shop.scheme().client(client));
    let person = Person::bringing("state=$state&code=c%2B1&iss=$issuer", &server);
    let status = shop.oauth.login(shop.scheme(), Way::Fitting, &person).await.unwrap();
    assert_eq!((status.renewable, status.issuer.as_deref()), (true, Some(server.url.as_str())));
    assert_eq!(shop.token().await.unwrap(), "canary-access-2");

    let opened = &person.told()[0];
    for part in [
        "/authorize?response_type=code&client_id=me&redirect_uri=http%3A%2F%2F127.0.0.1%3A",
        "%2Fcallback&scope=books.read%20offline_access&state=",
        "&code_challenge_method=S256&resource=https%3A%2F%2Fapi.example.com&prompt=consent",
    ] {
        assert!(opened.contains(part), "{opened}");
    }
    let asked = server.last();
    let verifier = Secret::new(asked.get("code_verifier").unwrap().to_owned());
    assert_eq!(pair(opened, "code_challenge").unwrap(), challenge(&verifier));
    assert_eq!(asked.get("redirect_uri"), pair(opened, "redirect_uri"));
    for pair in [
        "grant_type=authorization_code",
        "code=c%2B1",
        "client_id=me",
        "resource=https%3A%2F%2Fapi.example.com",
    ] {
        assert!(asked.has(pair), "{asked:?}");
    }
}

#[tokio::test]
async fn authorization_code_in_a_redirect_of_another_issuer_is_refused() {
    for (promised, brings, why) in [
        (true, "state=$state&code=c", "has no parameter `iss`"),
        (
            true,
            "state=$state&code=c&iss=https%3A%2F%2Fevil.example.net",
            "\"https://evil.example.net\" instead of",
        ),
        (false, "state=$state&code=c&iss=https%3A%2F%2Fevil.example.net", "another authorization server"),
        (false, "state=$state&code=c&iss=$issuer%2F", "another authorization server"),
        (false, "state=$state&error=access_denied&error_description=No%0Away", "access_denied, \"No way\""),
        (true, "state=$state&error=server_error", "answers server_error"),
        (false, "state=$state", "without a code"),
    ] {
        let server = server(json!({ "authorization_response_iss_parameter_supported": promised }), nth).await;
        let shop = shop_of(&server, &ME);
        let error = shop
            .oauth
            .login(shop.scheme(), Way::Browser, &Person::bringing(brings, &server))
            .await
            .unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(server.asked().len(), 1, "{brings}");
        assert!(shop.record("granted").is_none());
    }
}

#[tokio::test]
async fn login_fails_if_the_server_metadata_is_invalid_or_of_another_issuer() {
    for (fields, why) in [
        (json!({ "issuer": "https://evil.example.net" }), "another issuer"),
        (json!({ "issuer": null }), "names no issuer"),
        (json!({ "token_endpoint": "http://id.example.com/token" }), "not protected by TLS"),
        (json!({ "authorization_endpoint": "javascript:alert(1)" }), "not an absolute URL"),
    ] {
        let server = server(fields, nth).await;
        let shop = shop_of(&server, &ME);
        let person = Person::bringing("state=$state&code=c", &server);
        let error = shop.oauth.login(shop.scheme(), Way::Browser, &person).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(person.told().is_empty());
    }
    let shop = Shop::new(Scheme::openid_connect("oauth").metadata(nowhere("").await), &ME);
    let error = shop.oauth.login(shop.scheme(), Way::Fitting, &Person::default()).await.unwrap_err();
    assert!(error.to_string().contains("gave no answer"), "{error}");
}

#[tokio::test]
async fn device_flow_polls_until_code_is_entered() {
    let server = server(json!({}), |asked, number| match number {
        3 => refuses("authorization_pending"),
        4 => refuses("slow_down"),
        5 => reply(503, "text/html", "later"),
        _ => nth(asked, number),
    })
    .await;
    let shop =
        shop_of(&server, &[("SHOP_CLIENT_ID", "me"), ("DISPLAY", ":0"), ("SSH_CONNECTION", "here there")]);
    let person = Person::default();
    shop.oauth.login(shop.scheme(), Way::Fitting, &person).await.unwrap();
    let url = &server.url;
    assert_eq!(person.told(), [format!("ABCD-EFGH at {url}/code, {url}/code?user_code=ABCD-EFGH")]);
    assert_eq!(server.asked()[1].body, "scope=books.read&client_id=me");
    assert!(server.last().has("device_code=canary-device") && server.last().has("client_id=me"));
    assert_eq!(shop.token().await.unwrap(), "canary-access-6");
}

#[tokio::test]
async fn device_login_fails_if_the_user_does_not_enter_the_code_in_time() {
    for (code, why) in [
        ("expired_token", "expired_token"),
        ("access_denied", "access_denied"),
        ("authorization_pending", "in time"),
    ] {
        let server = server(json!({}), move |_, _| refuses(code)).await;
        let shop = shop_of(&server, &ME);
        let error = shop.oauth.login(shop.scheme(), Way::Device, &Person::default()).await.unwrap_err();
        assert!(error.to_string().contains(why) && error.to_string().contains("auth login"), "{error}");
    }
}

#[tokio::test]
async fn oauth_client_is_registered_once() {
    let fields =
        json!({ "registration_endpoint": "/register", "token_endpoint_auth_methods_supported": ["none"] });
    let server = server(fields, nth).await;
    let shop = shop_of(&server, &[("DISPLAY", ":0")]);
    let person = Person::bringing("state=$state&code=c", &server);
    for _ in 0..2 {
        shop.oauth.login(shop.scheme(), Way::Fitting, &person).await.unwrap();
    }
    shop.again().oauth.login(shop.scheme(), Way::Fitting, &person).await.unwrap();
    let asked = server.asked();
    let registered: Vec<&Asked> = asked.iter().filter(|asked| asked.is("/register")).collect();
    let [once] = registered[..] else { panic!("{asked:?}") };
    let said: Value = serde_json::from_str(&once.body).unwrap();
    let port = &shop.record("registered").unwrap()["redirect_port"];
    assert_eq!(said["redirect_uris"], json!([format!("http://127.0.0.1:{port}/callback")]));
    assert_eq!((&said["token_endpoint_auth_method"], &said["scope"]), (&json!("none"), &json!("books.read")));
    assert!(server.last().has("client_id=registered-2"), "{:?}", server.last());
    assert!(person.told().iter().all(|opened| opened.contains(&format!("127.0.0.1%3A{port}%2F"))));
}

#[tokio::test]
async fn oauth_client_that_the_server_no_longer_knows_is_registered_again() {
    let fields =
        json!({ "registration_endpoint": "/register", "token_endpoint_auth_methods_supported": ["none"] });
    let server = server(fields, |asked, number| match asked.get("client_id") {
        Some("registered-2") => refuses("invalid_client"),
        _ => nth(asked, number),
    })
    .await;
    let shop = shop_of(&server, &[("DISPLAY", ":0")]);
    let person = Person::bringing("state=$state&code=c", &server);
    shop.oauth.login(shop.scheme(), Way::Fitting, &person).await.unwrap_err();
    shop.oauth.login(shop.scheme(), Way::Fitting, &person).await.unwrap();
}

static DEVICE_ALONE: [Flow; 1] = [Flow::new(FlowKind::DeviceCode).device("https://id.example.com/d")];

#[tokio::test]
async fn login_without_supported_flow_or_client_fails() {
    let at = nowhere("/token").await;
    for (scheme, way, why) in [
        (Scheme::oauth2("oauth"), Way::Fitting, "does not say where to log in"),
        (super::renewal::scheme(FlowKind::Password, at), Way::Fitting, "not supported"),
        (super::renewal::scheme(FlowKind::Implicit, at), Way::Browser, "not supported"),
        (
            super::renewal::scheme(FlowKind::ClientCredentials, at),
            Way::Browser,
            "requests tokens for the connector itself",
        ),
        (super::renewal::scheme(FlowKind::AuthorizationCode, at), Way::Device, "no login with a code"),
        (super::renewal::scheme(FlowKind::AuthorizationCode, at), Way::Browser, "set SHOP_CLIENT_ID (and"),
        (Scheme::oauth2("oauth").flows(&DEVICE_ALONE), Way::Fitting, "names a token endpoint"),
    ] {
        let shop = Shop::new(scheme, &[]);
        let error = shop.oauth.login(shop.scheme(), way, &Person::default()).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[tokio::test]
async fn logout_deletes_tokens_even_if_their_revocation_fails() {
    let there = server(json!({}), nth).await;
    let shop = shop_of(&there, &ME);
    assert_eq!(shop.oauth.logout(shop.scheme()).await, Ok(LoggedOut::NothingKept));
    let person = Person::bringing("state=$state&code=c", &there);
    shop.oauth.login(shop.scheme(), Way::Browser, &person).await.unwrap();
    assert_eq!(shop.oauth.logout(shop.scheme()).await, Ok(LoggedOut::Revoked));
    let said: Vec<String> =
        there.asked().into_iter().filter(|asked| asked.is("/revoke")).map(|asked| asked.body).collect();
    assert_eq!(
        said,
        [
            "token=canary-refresh-2&token_type_hint=refresh_token&client_id=me",
            "token=canary-access-2&token_type_hint=access_token&client_id=me"
        ]
    );
    assert!(shop.record("granted").is_none());
    assert!(shop.token().await.unwrap_err().contains("auth login"));

    let gone = server(json!({ "revocation_endpoint": nowhere("/revoke").await }), nth).await;
    let shop = shop_of(&gone, &ME);
    shop.oauth
        .login(shop.scheme(), Way::Browser, &Person::bringing("state=$state&code=c", &gone))
        .await
        .unwrap();
    let outcome = shop.oauth.logout(shop.scheme()).await.unwrap();
    assert!(matches!(&outcome, LoggedOut::NotRevoked(why) if why.contains("gave no answer")), "{outcome}");
    assert!(shop.record("granted").is_none());
}
