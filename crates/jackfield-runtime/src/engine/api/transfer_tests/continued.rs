//! Tests of downloads that continue where they were interrupted, or begin again.

use super::*;

#[tokio::test]
async fn interrupted_download_requests_only_the_missing_bytes() {
    let bytes = content(700_000);
    let service = Scripted::of(vec![
        ranged("200 OK", bytes.len(), &bytes[..400_000]),
        part("400000-699999/700000", 300_000, &bytes[400_000..600_000]),
        part("600000-699999/*", 100_000, &bytes[600_000..]),
    ])
    .await;
    let result = service.download().await;
    assert!(!result.is_error(), "{result:?}");
    service.assert_stored(&bytes);
    assert!(result.as_text().contains(&hex_encode(&Sha256::digest(&bytes))), "{result:?}");
    let requests = service.requests();
    assert!(!requests[0].head.contains("range:"));
    assert!(requests[1].has("range: bytes=400000-") && requests[1].has("if-range: \"v1\""));
    assert!(requests[2].has("range: bytes=600000-") && requests.len() == 3);
}

#[tokio::test]
async fn download_restarts_if_the_reply_does_not_contain_the_requested_range() {
    let bytes = content(500_000);
    let whole = || ranged("200 OK", bytes.len(), &bytes);
    for (name, second) in [
        ("the file changed", whole()),
        ("another begin", part("0-499999/500000", 500_000, &bytes)),
        ("another total", part("300000-399999/400000", 100_000, &bytes[300_000..400_000])),
        ("not to the end", part("300000-300009/500000", 10, &bytes[300_000..300_010])),
        ("no range", answer("206 Partial Content\ncontent-length: 2", b"ab")),
        (
            "another etag",
            ranged(
                "206 Partial Content\ncontent-range: bytes 300000-499999/500000\netag: \"v2\"",
                200_000,
                &[0; 200_000],
            ),
        ),
        (
            "no etag",
            answer(
                "206 Partial Content\ncontent-range: bytes 300000-499999/500000\ncontent-length: 200000",
                &[0; 200_000],
            ),
        ),
        (
            "a weak etag",
            answer(
                "206 Partial Content\netag: W/\"v1\"\ncontent-range: bytes 300000-499999/500000\ncontent-length: 200000",
                &[0; 200_000],
            ),
        ),
        ("a shorter file", answer("416 Range Not Satisfiable\ncontent-length: 0", b"")),
    ] {
        let service =
            Scripted::of(vec![ranged("200 OK", bytes.len(), &bytes[..300_000]), second, whole()]).await;
        let result = service.download().await;
        assert!(!result.is_error(), "{name}: {result:?}");
        service.assert_stored(&bytes);
        let requests = service.requests();
        assert!(requests[1].has("range: bytes=300000-"), "{name}");
        assert!(
            requests.last().is_some_and(|it| name == "the file changed" || !it.head.contains("range:")),
            "{name}"
        );
    }
}

#[tokio::test]
async fn interrupted_download_continues_only_if_an_etag_or_date_identifies_the_file() {
    let bytes = content(300_000);
    let (early, late) = ("Sun, 29 Nov 2026 08:30:00 GMT", "Sun, 29 Nov 2026 08:30:01 GMT");
    for (name, validators, continues) in [
        ("a date", format!("last-modified: {early}\ndate: {late}"), true),
        ("a date of the same second", format!("last-modified: {early}\ndate: {early}"), false),
        ("a date without another", format!("last-modified: {early}"), false),
        ("a weak etag", format!("etag: W/\"v1\"\nlast-modified: {early}\ndate: {late}"), false),
    ] {
        let head = format!("200 OK\naccept-ranges: bytes\n{validators}\ncontent-length: {}", bytes.len());
        let service = Scripted::of(vec![answer(&head, &bytes[..100_000]), answer(&head, &bytes)]).await;
        assert!(!service.download().await.is_error(), "{name}");
        service.assert_stored(&bytes);
        assert_eq!(service.requests()[1].has("range: bytes=100000-"), continues, "{name}");
    }
    // The second reply has another date, so it contains the rest of another version of the file.
    let head = format!("200 OK\naccept-ranges: bytes\nlast-modified: {early}\ndate: {late}");
    let whole = |length| answer(&format!("{head}\ncontent-length: 300000"), &bytes[..length]);
    let rest = "206 Partial Content\ncontent-range: bytes 100000-299999/300000\ncontent-length: 200000";
    let rest = answer(&format!("{rest}\nlast-modified: {late}"), &[0; 200_000]);
    let service = Scripted::of(vec![whole(100_000), rest, whole(300_000)]).await;
    assert!(!service.download().await.is_error());
    service.assert_stored(&bytes);
}

#[tokio::test]
async fn partial_content_without_a_total_size_restarts_the_download() {
    let bytes = content(300_000);
    let begun = [&b"30D40\r\n"[..], &bytes[..200_000], b"\r\n"].concat();
    let service = Scripted::of(vec![
        answer("200 OK\naccept-ranges: bytes\netag: \"v1\"\ntransfer-encoding: chunked", &begun),
        part("200000-249999/*", 50_000, &bytes[200_000..250_000]),
        ranged("200 OK", bytes.len(), &bytes),
    ])
    .await;
    assert!(!service.download().await.is_error());
    service.assert_stored(&bytes);
}

#[tokio::test]
async fn reply_with_a_credential_split_by_an_interruption_is_not_stored() {
    let begun = [&[b'x'; 300_000][..], b"a-secret-"].concat();
    let rest = [&b"token"[..], &[b'y'; 1000][..]].concat();
    let all = begun.len() + rest.len();
    let range = format!("{}-{}/{all}", begun.len(), all - 1);
    let service = Scripted::of(vec![ranged("200 OK", all, &begun), part(&range, rest.len(), &rest)]).await;
    let result = service.call(&GET_LOCKED, json!({ "save_to": "a.bin" })).await;
    service.assert_nothing_stored(&result, "it repeats a credential of the request; no file was stored");
}

#[tokio::test]
async fn only_an_interrupted_get_is_continued_with_a_range_request() {
    let bytes = content(300_000);
    let service = Scripted::of(vec![
        ranged("200 OK", bytes.len(), &bytes[..100_000]),
        ranged("200 OK", bytes.len(), &bytes),
    ])
    .await;
    let result = service.call(&RENDER, json!({ "save_to": "a.bin" })).await;
    let requests = service.requests();
    assert!(requests.iter().all(|request| !request.head.contains("range:")), "{result:?}");
}

#[tokio::test]
async fn download_restarts_if_the_service_does_not_support_ranges() {
    let bytes = content(300_000);
    let head = format!("200 OK\netag: \"v1\"\ncontent-length: {}", bytes.len());
    let service = Scripted::of(vec![answer(&head, &bytes[..100_000]), answer(&head, &bytes)]).await;
    let result = service.download().await;
    assert!(!result.is_error(), "{result:?}");
    service.assert_stored(&bytes);
    assert!(service.requests().iter().all(|request| !request.head.contains("range:")));
}
