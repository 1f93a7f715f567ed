use super::*;

fn offer(field: &str) -> Option<Offer> {
    let mut headers = HeaderMap::new();
    headers.append("www-authenticate", field.parse().unwrap());
    Offer::strongest(&headers)
}

/// Returns the first answer to a challenge, parsed.
fn answer(field: &str, login: (&str, &str), target: Target<'_>, cnonce: &str) -> Challenge {
    let session = Session { offer: offer(field).unwrap(), cnonce: cnonce.to_owned(), used: 1 };
    let password = Secret::new(login.1.to_owned());
    let principal = &Principal::Local;
    let login = Login { principal, scheme: "digest", username: login.0, password: &password };
    let text = session.answer(login, target);
    let mut headers = HeaderMap::new();
    headers.append("www-authenticate", text.parse().unwrap());
    Challenge::all(&headers).remove(0)
}

const GET: Target<'static> = Target { method: "GET", uri: "/dir/index.html", body: b"" };

#[test]
fn digest_responses_equal_the_examples_of_the_rfcs() {
    let old = "realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
    let new = "realm=\"http-auth@example.org\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", qop=\"auth, auth-int\"";
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    for (field, password, cnonce, response) in [
        // The examples of RFC 2069 with its erratum, of RFC 2617, and two of RFC 7616.
        (format!("Digest {old}"), "CircleOfLife", "", "1949323746fe6a43ef61f9606e7febea"),
        (
            format!("Digest {old}, qop=\"auth\""),
            "Circle Of Life",
            "0a4f113b",
            "6629fae49393a05397450978507c4ef1",
        ),
        (
            format!("Digest {new}, algorithm=MD5"),
            "Circle of Life",
            cnonce,
            "8ca523f5e9506fed4657c9700eebdbec",
        ),
        (
            format!("Digest {new}, algorithm=SHA-256"),
            "Circle of Life",
            cnonce,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let answer = answer(&field, ("Mufasa", password), GET, cnonce);
        assert_eq!(answer.parameter("response"), Some(response), "{field}");
        assert_eq!(answer.parameter("username"), Some("Mufasa"));
    }
}

#[test]
fn username_is_hashed_when_userhash_is_set() {
    // The example in RFC 7616, section 3.9.2, with its erratum: the RFC computed its values with another variant
    // of SHA-512.
    let field = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                 nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
                 opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDssOS\", charset=UTF-8, userhash=true";
    let target = Target { method: "GET", uri: "/doe.json", body: b"" };
    let login = ("Jäsøn Doe", "Secret, or not?");
    let hidden = answer(field, login, target, "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v");
    let hash = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b";
    assert_eq!(hidden.parameter("username"), Some(hash));
    assert_eq!(hidden.parameter("userhash"), Some("true"));
    let response = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
    assert_eq!(hidden.parameter("response"), Some(response));

    let open = answer(&field.replace(", userhash=true", ""), login, target, "x");
    assert_eq!((open.parameter("username"), open.parameter("userhash")), (None, None));
    assert_eq!(open.parameter("username*"), Some("UTF-8''J%C3%A4s%C3%B8n%20Doe"));
}

#[test]
fn quotes_in_digest_parameters_are_escaped_in_the_header_but_not_in_the_hash() {
    let field = "Digest realm=\"a \\\"b\\\\\", nonce=\"n\\\"\", opaque=\"o\\\\\", qop=auth";
    let back = answer(field, ("A\"d\\a", "p"), Target { uri: "/x?q=\"", ..GET }, "c");
    for (name, value) in [
        ("realm", "a \"b\\"),
        ("nonce", "n\""),
        ("opaque", "o\\"),
        ("username", "A\"d\\a"),
        ("uri", "/x?q=\""),
    ] {
        assert_eq!(back.parameter(name), Some(value));
    }
    let (ha1, ha2) = (Hash::Md5.hex(b"A\"d\\a:a \"b\\:p"), Hash::Md5.hex(b"GET:/x?q=\""));
    let expected = Hash::Md5.hex(format!("{ha1}:n\":00000001:c:auth:{ha2}").as_bytes());
    assert_eq!(back.parameter("response"), Some(expected.as_str()));
}

#[test]
fn digest_response_for_auth_int_with_md5_sess_covers_body_and_client_nonce() {
    let target = Target { method: "POST", uri: "/x", body: b"body" };
    let back =
        answer("Digest realm=r, nonce=n, qop=\"auth-int\", algorithm=MD5-sess", ("u", "p"), target, "c");
    let ha1 = Hash::Md5.hex(format!("{}:n:c", Hash::Md5.hex(b"u:r:p")).as_bytes());
    let ha2 = Hash::Md5.hex(format!("POST:/x:{}", Hash::Md5.hex(b"body")).as_bytes());
    let expected = Hash::Md5.hex(format!("{ha1}:n:00000001:c:auth-int:{ha2}").as_bytes());
    assert_eq!(back.parameter("response"), Some(expected.as_str()));
    assert_eq!(back.parameter("algorithm"), Some("MD5-sess"));
}

#[test]
fn strongest_supported_challenge_is_chosen() {
    let hash = |field: &str| offer(field).map(|offer| offer.hash);
    let md5 = "Digest realm=r, nonce=1";
    assert_eq!(hash(md5), Some(Hash::Md5));
    assert_eq!(hash(&format!("{md5}, Digest realm=r, nonce=2, algorithm=SHA-256")), Some(Hash::Sha256));
    assert_eq!(hash(&format!("Digest realm=r, nonce=2, algorithm=sha-256-SESS, {md5}")), Some(Hash::Sha256));
    assert_eq!(hash(&format!("{md5}, Digest realm=r, nonce=2, algorithm=SHA3-512")), Some(Hash::Md5));
    assert_eq!(offer(&format!("{md5}, Digest realm=r, nonce=2")).map(|it| it.nonce), Some("1".to_owned()));
    for field in [
        "Basic realm=r",
        "Digest realm=r",
        "Digest nonce=1",
        "Digest realm=r, nonce=1, qop=\"auth-conf\"",
        "Digest realm=r, nonce=1, algorithm=SHA3-512",
    ] {
        assert_eq!(offer(field), None, "{field}");
    }
}

#[test]
fn callers_with_the_same_username_do_not_share_a_nonce() {
    let origin = Origin::parse("https://api.example.com").unwrap();
    let (sessions, password) = (Sessions::default(), Secret::new("secret".to_owned()));
    let [ada, eve] = ["ada", "eve"].map(|name| Principal::Token(name.to_owned()));
    let login = |principal| Login { principal, scheme: "digest", username: "shared", password: &password };
    let challenge = offer("Digest realm=\"a\", nonce=\"n\"").unwrap();
    assert!(sessions.accept(&origin, login(&ada), challenge).is_ok());
    assert!(sessions.answer(&origin, login(&ada), GET).is_some());
    assert!(sessions.answer(&origin, login(&eve), GET).is_none());
    assert!(sessions.answer(&origin, login(&Principal::Local), GET).is_none());
}
