//! The table of tokens that have to be refused, each with a name and the reason for which the token is refused.

use ring::hmac;
use serde_json::{Value, json};

use super::maker::{Maker, Signer, encode};
use crate::inbound::refusal::TokenRefusal as Refusal;

type Hostile = (&'static str, String, Refusal);

pub(crate) fn tokens(maker: &Maker) -> Vec<Hostile> {
    let mut all = forms(maker);
    all.extend(headers(maker));
    all.extend(algorithms(maker));
    all.extend(key_ids(maker));
    all.extend(signatures(maker));
    all.extend(claims(maker));
    all.extend(times(maker));
    all
}

fn valid(maker: &Maker) -> String {
    maker.token(Signer::Es256, &json!({}))
}

fn parts(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

fn forms(maker: &Maker) -> Vec<Hostile> {
    let [header, claims, signature] = parts(&valid(maker));
    let long = maker.token(Signer::Es256, &json!({ "filler": "x".repeat(16 * 1024) }));
    // The last base64 character of 64 bytes has four bits that must be zero.
    let last = signature.chars().next_back().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
    let loose = format!("{}{next}", &signature[..signature.len() - 1]);
    vec![
        ("a word", "abc".to_owned(), Refusal::Form),
        ("only dots", "..".to_owned(), Refusal::Header),
        ("two parts", format!("{header}.{claims}"), Refusal::Form),
        ("four parts", format!("{header}.{claims}.{signature}.{signature}"), Refusal::Form),
        ("an encrypted token", format!("{header}.a.b.c.d"), Refusal::Form),
        ("a dot at the end", format!("{header}.{claims}.{signature}."), Refusal::Form),
        ("more than 16 KiB", long, Refusal::TooLong),
        ("16 KiB of dots", ".".repeat(16 * 1024), Refusal::Form),
        ("padding after the header", format!("{header}=.{claims}.{signature}"), Refusal::Form),
        ("padding after the signature", format!("{header}.{claims}.{signature}=="), Refusal::Form),
        ("the other alphabet of base64", format!("{header}.{claims}.+/{}", &signature[2..]), Refusal::Form),
        ("bits after the end of the signature", format!("{header}.{claims}.{loose}"), Refusal::Form),
        ("a space within", format!("{header}. {claims}.{signature}"), Refusal::Form),
        ("a percent sign", format!("{header}%2E{claims}.{signature}"), Refusal::Form),
        ("no header", format!(".{claims}.{signature}"), Refusal::Header),
        ("no claims", maker.sign_encoded(Signer::Es256, &header, ""), Refusal::Claims),
        ("no signature", format!("{header}.{claims}."), Refusal::Signature),
        ("the JSON serialization", json!({ "payload": claims }).to_string(), Refusal::Form),
    ]
}

fn headers(maker: &Maker) -> Vec<Hostile> {
    let signed = |header: &str| maker.sign(Signer::Es256, header, &maker.claims(&json!({})).to_string());
    let changed = |changes: Value| maker.with_header(Signer::Es256, &changes);
    let stranger = |changes: Value| maker.with_header(Signer::Stranger, &changes);
    let url = "https://evil.example.net/jwks";
    let nested = maker.sign(Signer::Es256, &Maker::header(Signer::Es256).to_string(), &valid(maker));
    vec![
        ("a header that is not JSON", signed("ES256"), Refusal::Header),
        ("a header that is a list", signed(r#"["ES256"]"#), Refusal::Header),
        ("two algorithms", signed(r#"{"alg":"none","alg":"ES256","kid":"p256"}"#), Refusal::Header),
        (
            "two key ids, one escaped",
            signed(r#"{"alg":"ES256","kid":"x","\u006bid":"p256"}"#),
            Refusal::Header,
        ),
        ("text after the header", signed(r#"{"alg":"ES256","kid":"p256"}{}"#), Refusal::Header),
        ("no algorithm", changed(json!({ "alg": null })), Refusal::Header),
        ("a number as the algorithm", changed(json!({ "alg": 256 })), Refusal::Header),
        ("a list of algorithms", changed(json!({ "alg": ["ES256"] })), Refusal::Header),
        ("a critical extension", changed(json!({ "crit": ["exp"] })), Refusal::HeaderMember),
        ("an empty list of extensions", changed(json!({ "crit": [] })), Refusal::HeaderMember),
        ("claims that are not encoded", changed(json!({ "b64": false })), Refusal::HeaderMember),
        ("the address of a stranger's keys", stranger(json!({ "jku": url })), Refusal::HeaderMember),
        ("a stranger's key", stranger(json!({ "jwk": maker.stranger_key() })), Refusal::HeaderMember),
        ("the address of a certificate", stranger(json!({ "x5u": url })), Refusal::HeaderMember),
        ("a certificate", stranger(json!({ "x5c": ["MIIB"] })), Refusal::HeaderMember),
        ("compressed claims", changed(json!({ "zip": "DEF" })), Refusal::HeaderMember),
        ("encrypted claims", changed(json!({ "enc": "A128GCM" })), Refusal::HeaderMember),
        ("a nested token that says so", changed(json!({ "cty": "JWT" })), Refusal::HeaderMember),
        ("a nested token", nested, Refusal::Claims),
        ("the type of a logout token", changed(json!({ "typ": "logout+jwt" })), Refusal::Type),
        ("the type of a proof of a key", changed(json!({ "typ": "dpop+jwt" })), Refusal::Type),
        ("the type of an event", changed(json!({ "typ": "secevent+jwt" })), Refusal::Type),
        (
            "the type of an authorization request",
            changed(json!({ "typ": "oauth-authz-req+jwt" })),
            Refusal::Type,
        ),
        ("a number as the type", changed(json!({ "typ": 1 })), Refusal::Type),
        ("an empty type", changed(json!({ "typ": "" })), Refusal::Type),
    ]
}

fn algorithms(maker: &Maker) -> Vec<Hostile> {
    let unsigned = |algorithm: &str, signature: &str| {
        let header = json!({ "alg": algorithm, "typ": "at+jwt" });
        let claims = maker.claims(&json!({}));
        format!("{}.{}.{signature}", encode(header.to_string()), encode(claims.to_string()))
    };
    // Tokens that use the public key of the issuer as the key of an HMAC.
    let confused = |name: &'static str, algorithm: &str, kind, key: &[u8], id: &str| -> Hostile {
        let header = json!({ "alg": algorithm, "typ": "at+jwt", "kid": id });
        let message =
            format!("{}.{}", encode(header.to_string()), encode(maker.claims(&json!({})).to_string()));
        let tag = hmac::sign(&hmac::Key::new(kind, key), message.as_bytes());
        (name, format!("{message}.{}", encode(tag)), Refusal::Algorithm)
    };
    let modulus = maker.modulus();
    let named = |algorithm: &str| maker.with_header(Signer::Es256, &json!({ "alg": algorithm }));
    vec![
        ("alg none", unsigned("none", ""), Refusal::Algorithm),
        ("alg none in other letters", unsigned("nOnE", ""), Refusal::Algorithm),
        ("alg none with a signature", unsigned("none", "AAAA"), Refusal::Algorithm),
        ("an empty algorithm", unsigned("", ""), Refusal::Algorithm),
        confused("the modulus as an HMAC key", "HS256", hmac::HMAC_SHA256, &modulus, "rsa"),
        confused("the modulus as a key of HS512", "HS512", hmac::HMAC_SHA512, &modulus, "rsa"),
        confused("the key set as an HMAC key", "HS256", hmac::HMAC_SHA256, maker.key_set().as_bytes(), "rsa"),
        confused("an empty HMAC key", "HS256", hmac::HMAC_SHA256, b"", "p256"),
        confused("an HMAC key of the file system", "HS256", hmac::HMAC_SHA256, b"", "/dev/null"),
        ("an algorithm in small letters", named("es256"), Refusal::Algorithm),
        ("an algorithm with a space", named("ES256 "), Refusal::Algorithm),
        ("a curve that is not allowed", named("ES256K"), Refusal::Algorithm),
        ("a curve that is not supported", named("ES512"), Refusal::Algorithm),
        ("an algorithm for encryption", named("RSA-OAEP"), Refusal::Algorithm),
        ("an old digest", named("RS1"), Refusal::Algorithm),
    ]
}

fn key_ids(maker: &Maker) -> Vec<Hostile> {
    let id = |id: Value| maker.with_header(Signer::Es256, &json!({ "kid": id }));
    let null =
        maker.sign(Signer::Es256, r#"{"alg":"ES256","kid":null}"#, &maker.claims(&json!({})).to_string());
    vec![
        ("a path as the key id", id(json!("../../../../dev/null")), Refusal::Key),
        ("a URL as the key id", id(json!("https://evil.example.net/jwks")), Refusal::Key),
        ("SQL as the key id", id(json!("x' UNION SELECT 'secret' -- ")), Refusal::Key),
        ("a command as the key id", id(json!("p256|touch x")), Refusal::Key),
        ("a NUL in the key id", id(json!("p256\0")), Refusal::Key),
        ("an empty key id", id(json!("")), Refusal::Key),
        ("a key id in other letters", id(json!("P256")), Refusal::Key),
        ("the id of a key for another algorithm", id(json!("rsa")), Refusal::Key),
        ("the id of a key on another curve", id(json!("p384")), Refusal::Key),
        ("a number as the key id", id(json!(256)), Refusal::Header),
        ("a list of key ids", id(json!(["p256"])), Refusal::Header),
        ("null as the key id", null, Refusal::Header),
        ("a key id of 10 kB", id(json!("k".repeat(10_000))), Refusal::Header),
        ("a choice of keys", maker.with_header(Signer::Ed25519, &json!({ "kid": null })), Refusal::Key),
    ]
}

fn signatures(maker: &Maker) -> Vec<Hostile> {
    let [header, claims, signature] = parts(&valid(maker));
    let with = |signature: &[u8]| format!("{header}.{claims}.{}", encode(signature));
    let message = format!("{header}.{claims}");
    let right = maker.signature(Signer::Es256, message.as_bytes());
    let mut flipped = right.clone();
    flipped[40] ^= 1;
    let der = [&[0x30, 0x44, 2, 0x20][..], &right[..32], &[2, 0x20], &right[32..]].concat();
    let admin = encode(maker.claims(&json!({ "sub": "admin" })).to_string());
    let other_header = encode(json!({ "alg": "ES256", "typ": "JWT", "kid": "p256" }).to_string());
    // Tokens that are signed with one algorithm and name another algorithm.
    let renamed = |signer: Signer, named: Signer| {
        maker.sign(signer, &Maker::header(named).to_string(), &maker.claims(&json!({})).to_string())
    };
    let rsa = parts(&maker.token(Signer::Rs256, &json!({})));
    let ed = parts(&maker.token(Signer::Ed25519, &json!({})));
    vec![
        ("a flipped bit in the signature", with(&flipped), Refusal::Signature),
        (
            "the halves of the signature exchanged",
            with(&[&right[32..], &right[..32]].concat()),
            Refusal::Signature,
        ),
        ("a signature in DER", with(&der), Refusal::Signature),
        ("half a signature", with(&right[..32]), Refusal::Signature),
        ("a byte after the signature", with(&[&right[..], &[0]].concat()), Refusal::Signature),
        ("a signature of zeros", with(&[0; 64]), Refusal::Signature),
        (
            "an RSA signature of zeros",
            format!("{}.{}.{}", rsa[0], rsa[1], encode([0; 256])),
            Refusal::Signature,
        ),
        (
            "an Ed25519 signature of zeros",
            format!("{}.{}.{}", ed[0], ed[1], encode([0; 64])),
            Refusal::Signature,
        ),
        ("a stranger's signature", maker.token(Signer::Stranger, &json!({})), Refusal::Signature),
        (
            "the signature of the second key",
            renamed(Signer::Ed25519Second, Signer::Ed25519),
            Refusal::Signature,
        ),
        ("other claims", format!("{header}.{admin}.{signature}"), Refusal::Signature),
        ("another header", format!("{other_header}.{claims}.{signature}"), Refusal::Signature),
        ("the signature of another token", format!("{header}.{claims}.{}", ed[2]), Refusal::Signature),
        ("PKCS #1 named PSS", renamed(Signer::Rs256, Signer::Ps256), Refusal::Signature),
        ("PSS named PKCS #1", renamed(Signer::Ps256, Signer::Rs256), Refusal::Signature),
        ("SHA-256 named SHA-512", renamed(Signer::Rs256, Signer::Rs512), Refusal::Signature),
    ]
}

fn claims(maker: &Maker) -> Vec<Hostile> {
    let header = Maker::header(Signer::Es256).to_string();
    let signed = |claims: &str| maker.sign(Signer::Es256, &header, claims);
    let changed = |changes: Value| maker.token(Signer::Es256, &changes);
    // Tokens with the claims of a valid token, and an additional member at the end.
    let added = |member: &str| {
        let claims = maker.claims(&json!({})).to_string();
        signed(&format!("{},{member}}}", &claims[..claims.len() - 1]))
    };
    let deep = format!("\"x\":{}{}", "[".repeat(2000), "]".repeat(2000));
    let (issuer, audience) = (maker.issuer(), maker.audience());
    let audience_in = |list: Value| changed(json!({ "aud": list }));
    vec![
        ("claims that are not JSON", signed("sub=reader"), Refusal::Claims),
        ("claims that are a list", signed("[]"), Refusal::Claims),
        ("text after the claims", signed(&format!("{} x", maker.claims(&json!({})))), Refusal::Claims),
        ("two subjects", added(r#""sub":"admin""#), Refusal::Claims),
        ("two subjects, one escaped", added(r#""s\u0075b":"admin""#), Refusal::Claims),
        ("two audiences", added(r#""aud":"x""#), Refusal::Claims),
        ("two members of an inner object", added(r#""x":{"a":1,"a":2}"#), Refusal::Claims),
        ("deep nesting", added(&deep), Refusal::Claims),
        ("no issuer", changed(json!({ "iss": null })), Refusal::Issuer),
        ("another issuer", changed(json!({ "iss": "https://evil.example.net" })), Refusal::Issuer),
        ("the issuer with a slash", changed(json!({ "iss": format!("{issuer}/") })), Refusal::Issuer),
        ("the issuer in capitals", changed(json!({ "iss": issuer.to_uppercase() })), Refusal::Issuer),
        ("a list of issuers", changed(json!({ "iss": [issuer] })), Refusal::Claims),
        ("no audience", audience_in(Value::Null), Refusal::Audience),
        ("another audience", audience_in(json!("https://other.example.com/mcp")), Refusal::Audience),
        ("an empty audience", audience_in(json!("")), Refusal::Audience),
        ("an empty list of audiences", audience_in(json!([])), Refusal::Audience),
        ("the audience with a slash", audience_in(json!(format!("{audience}/"))), Refusal::Audience),
        (
            "the beginning of the audience",
            audience_in(json!(&audience[..audience.len() - 1])),
            Refusal::Audience,
        ),
        (
            "the audience with more text",
            audience_in(json!(format!("{audience}.evil.example.net"))),
            Refusal::Audience,
        ),
        ("the audience in capitals", audience_in(json!(audience.to_uppercase())), Refusal::Audience),
        ("audiences in one string", audience_in(json!(format!("x {audience}"))), Refusal::Audience),
        ("the audience within a list", audience_in(json!([[audience]])), Refusal::Claims),
        ("a number beside the audience", audience_in(json!([audience, 7])), Refusal::Claims),
        ("the audience as an object", audience_in(json!({ "aud": audience })), Refusal::Claims),
        ("no subject", changed(json!({ "sub": null })), Refusal::Subject),
        ("an empty subject", changed(json!({ "sub": "" })), Refusal::Subject),
        ("a number as the subject", changed(json!({ "sub": 7 })), Refusal::Claims),
        ("a list of subjects", changed(json!({ "sub": ["reader"] })), Refusal::Claims),
        ("a subject of 256 bytes", changed(json!({ "sub": "x".repeat(256) })), Refusal::Subject),
        ("a subject with a line break", changed(json!({ "sub": "reader\nadmin" })), Refusal::Subject),
        ("a subject with a NUL", changed(json!({ "sub": "admin\0" })), Refusal::Subject),
        ("a subject with a joiner", changed(json!({ "sub": "ad\u{200d}min" })), Refusal::Subject),
        ("a subject with a soft hyphen", changed(json!({ "sub": "ad\u{ad}min" })), Refusal::Subject),
        ("a subject with a tag", changed(json!({ "sub": "admin\u{e0041}" })), Refusal::Subject),
        ("a subject that turns text around", changed(json!({ "sub": "\u{202e}nimda" })), Refusal::Subject),
        ("a number as the scope", changed(json!({ "scope": 1 })), Refusal::Claims),
        ("an object as the scope", changed(json!({ "scope": { "admin": true } })), Refusal::Claims),
        ("numbers as scopes", changed(json!({ "scope": null, "scp": [1] })), Refusal::Claims),
        ("a scope with a quote", changed(json!({ "scope": "a\"b" })), Refusal::Claims),
        ("a scope with a space", changed(json!({ "scope": null, "scp": ["a b"] })), Refusal::Claims),
        ("too many scopes", changed(json!({ "scope": "a ".repeat(300) })), Refusal::Claims),
        ("a token that is bound to a key", changed(json!({ "cnf": { "jkt": "x" } })), Refusal::Bound),
    ]
}

fn times(maker: &Maker) -> Vec<Hostile> {
    let now = maker.now;
    let changed = |changes: Value| maker.token(Signer::Es256, &changes);
    let raw = |name: &str, number: &str| {
        let mut claims = maker.claims(&json!({}));
        claims[name] = json!("THE NUMBER");
        let claims = claims.to_string().replace("\"THE NUMBER\"", number);
        maker.sign(Signer::Es256, &Maker::header(Signer::Es256).to_string(), &claims)
    };
    vec![
        ("no end", changed(json!({ "exp": null })), Refusal::Claims),
        ("null as the end", raw("exp", "null"), Refusal::Claims),
        ("expired a minute ago", changed(json!({ "exp": now - 61 })), Refusal::Expired),
        ("expired in 1970", changed(json!({ "exp": 0 })), Refusal::Expired),
        ("a string as the end", changed(json!({ "exp": (now + 300).to_string() })), Refusal::Claims),
        ("true as the end", changed(json!({ "exp": true })), Refusal::Claims),
        ("a negative end", changed(json!({ "exp": -1 })), Refusal::Claims),
        ("a huge end", raw("exp", "1e300"), Refusal::Claims),
        ("an infinite end", raw("exp", "1e999"), Refusal::Claims),
        ("the largest number as the end", changed(json!({ "exp": u64::MAX })), Refusal::Claims),
        ("an end of 30 digits", raw("exp", "999999999999999999999999999999"), Refusal::Claims),
        ("milliseconds as the end", changed(json!({ "exp": (now + 300) * 1000 })), Refusal::Claims),
        ("not valid yet", changed(json!({ "nbf": now + 120 })), Refusal::NotYetValid),
        ("a string as the begin", changed(json!({ "nbf": "now" })), Refusal::Claims),
        ("a negative begin", changed(json!({ "nbf": -5.0 })), Refusal::Claims),
        ("issued in the future", changed(json!({ "iat": now + 120 })), Refusal::NotYetValid),
        ("a list as the time of issue", changed(json!({ "iat": [now] })), Refusal::Claims),
        ("a negative time of issue", changed(json!({ "iat": -1 })), Refusal::Claims),
    ]
}
