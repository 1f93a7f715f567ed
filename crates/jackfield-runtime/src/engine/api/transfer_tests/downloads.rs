//! Tests of replies that are stored in a file.

use super::*;

#[tokio::test]
async fn result_of_a_download_describes_the_stored_file() {
    let bytes = content(700_000);
    let head = format!("200 OK\ncontent-type: image/png\ncontent-length: {}", bytes.len());
    let service = Scripted::of(vec![answer(&head, &bytes)]).await;
    let result = service.download().await;
    let expected = json!({
        "path": service.path("a.bin"), "bytes": 700_000, "media_type": "image/png",
        "sha256": hex_encode(&Sha256::digest(&bytes)),
    });
    assert_eq!(serde_json::from_str::<Value>(result.as_text()).unwrap(), expected);
    service.assert_stored(&bytes);
    assert!(service.requests()[0].has("accept-encoding: identity"));
    let again = service.download().await;
    assert!(again.as_text().contains("`save_over: true`") && service.requests().is_empty(), "{again:?}");
    let result = service.call(&GET, json!({})).await;
    assert!(!result.as_text().contains("sha256"), "{result:?}");
}

#[tokio::test]
async fn reply_shorter_than_its_content_length_leaves_no_file() {
    let service = Scripted::of(vec![answer("200 OK\ncontent-length: 500", b"abc")]).await;
    let result = service.download().await;
    service.assert_nothing_stored(&result, "the reply was interrupted");
    assert!(result.as_text().contains("It was sent 3 times"), "{result:?}");
    let service =
        Scripted::with(vec![answer("200 OK\ncontent-length: 500", b"abc")], &[("SHOP_RETRY", "off")]).await;
    service.assert_nothing_stored(&service.download().await, "the reply was interrupted");
    assert_eq!(service.requests().len(), 1);
}

#[tokio::test]
async fn download_beyond_its_limit_leaves_no_file() {
    let limits = [("SHOP_DOWNLOADS_LIMIT", "100000")];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 5_000_000]).unwrap();
    let bomb = encoder.finish().unwrap();
    let zipped = format!("200 OK\ncontent-encoding: gzip\ncontent-length: {}", bomb.len());
    for reply in [
        answer("200 OK\ncontent-length: 100001", b""),
        answer("200 OK", &[0; 100_001]),
        answer(&zipped, &bomb),
        answer("200 OK\ncontent-length: 99999999999999999999999", b""),
    ] {
        let service = Scripted::with(vec![reply], &limits).await;
        let result = service.download().await;
        let is_garbled = result.as_text().contains("invalid content-length");
        let reason = if is_garbled {
            "invalid content-length"
        } else {
            "the limit in SHOP_DOWNLOADS_LIMIT; no file was stored"
        };
        service.assert_nothing_stored(&result, reason);
        assert_eq!(service.requests().len(), if is_garbled { 3 } else { 1 });
    }
}

#[tokio::test]
async fn compressed_download_is_decoded() {
    let bytes = content(400_000);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&bytes).unwrap();
    let zipped = encoder.finish().unwrap();
    let head = format!(
        "200 OK\ncontent-encoding: gzip\naccept-ranges: bytes\netag: \"v1\"\ncontent-length: {}",
        zipped.len()
    );
    let service =
        Scripted::of(vec![answer(&head, &zipped[..zipped.len() / 2]), answer(&head, &zipped)]).await;
    let result = service.download().await;
    assert!(!result.is_error(), "{result:?}");
    service.assert_stored(&bytes);
    assert!(service.requests().iter().all(|request| !request.head.contains("range:")));
    let service =
        Scripted::of(vec![answer("200 OK\ncontent-encoding: gzip\ncontent-length: 14", b"no gzip at all")])
            .await;
    service.assert_nothing_stored(&service.download().await, "cannot be decoded");
}

#[tokio::test]
async fn reply_without_a_success_status_is_not_stored() {
    let body = b"{\"error\":\"no such file\"}";
    let json = format!("content-type: application/json\ncontent-length: {}", body.len());
    for (head, reason) in [
        (format!("404 Not Found\n{json}"), "no such file"),
        (format!("302 Found\nlocation: https://elsewhere.example.com/x\n{json}"), "another origin"),
    ] {
        let service = Scripted::of(vec![answer(&head, body)]).await;
        let result = service.download().await;
        let text = format!("{} {:?}", result.as_text(), result.notes().collect::<Vec<_>>());
        assert!(text.contains(reason), "{text}");
        assert_eq!(fs::read_dir(service.folder.path()).unwrap().count(), 0);
    }
    let service = Scripted::of(vec![
        answer("302 Found\nlocation: /elsewhere\ncontent-length: 0", b""),
        answer("200 OK\ncontent-length: 3", b"abc"),
    ])
    .await;
    assert!(!service.download().await.is_error());
    service.assert_stored(b"abc");
}

#[tokio::test]
async fn reply_that_repeats_a_credential_is_not_stored() {
    let body = [vec![b'x'; 300_000], b"authorization: Bearer a-secret-token".to_vec()].concat();
    let head = format!("200 OK\ncontent-length: {}", body.len());
    let service = Scripted::of(vec![answer(&head, &body)]).await;
    let result = service.call(&GET_LOCKED, json!({ "save_to": "a.bin" })).await;
    service.assert_nothing_stored(&result, "it repeats a credential of the request; no file was stored");
}

#[tokio::test]
async fn only_the_local_user_can_store_a_reply() {
    let service = Scripted::of(vec![answer("200 OK\ncontent-length: 3", b"abc")]).await;
    let other = Caller::new(Principal::Token("ada".to_owned()), Channel::CommandLine);
    let offers = |caller: &Caller| Value::Object(service.api.listed(&GET, caller).input).to_string();
    assert!(
        offers(&Caller::local(Channel::Stdio)).contains("save_to") && !offers(&other).contains("save_to")
    );
    let arguments: Map<String, Value> = json!({ "save_to": "a.bin" }).as_object().cloned().unwrap();
    let _ = service.api.call(&GET, arguments, &other).await;
    assert!(!service.path("a.bin").exists());
}
