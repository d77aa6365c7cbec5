use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cpe_portal::config::EvidencePlace;
use cpe_portal::jobs::health::vitals;
use cpe_portal::upkeep::backup::backup;
use cpe_portal::upkeep::restore::restore;

use super::*;
use crate::support::object_store::{Fault, SECRET, tools};
use crate::upkeep::{check, to_the_end};

#[actix_web::test]
async fn a_proof_lies_in_the_bucket_under_its_hash_and_opens_as_it_was() {
    let kept = Kept::new();
    kept.bucket.asked();
    let (owner, file) = reported(&kept, &proof("first")).await;
    assert_eq!(kept.bucket.holds(&file.sha256).unwrap(), proof("first"));
    assert_eq!(kept.left_in_the_folder(), 0);
    let asked = kept.bucket.asked();
    let methods: Vec<&str> = asked.iter().map(|asked| asked.method.as_str()).collect();
    assert_eq!(methods, ["HEAD", "PUT", "HEAD"], "looked for, put, and looked for again");
    // the store compares what arrives with both
    let hash = &asked[1].headers;
    assert_eq!(hash["x-amz-content-sha256"], file.sha256);
    assert_eq!(hash["x-amz-checksum-sha256"], STANDARD.encode(hex::decode(&file.sha256).unwrap()));
    assert_eq!(hash["content-length"], proof("first").len().to_string());
    assert!(asked.iter().all(|asked| !format!("{asked:?}").contains(SECRET)));
    for path in [format!("/evidence/{}", file.id), format!("/evidence/{}/view", file.id)] {
        assert_eq!(owner.get(&path).await.expect(200).bytes, proof("first"));
    }
    let stranger = kept.portal.browser(&kept.people.stranger).await;
    stranger.get(&format!("/evidence/{}", file.id)).await.expect(404);
    kept.bucket.asked();
    let reviewer = kept.portal.browser(&kept.people.reviewer).await;
    let activity = file.activity.unwrap();
    reviewer.get(&format!("/staff/activities/{activity}")).await.expect(200);
    reviewer.get(&format!("/staff/review?report={activity}")).await.expect(200);
    assert_eq!(kept.bucket.methods(), Vec::<String>::new(), "nothing is fetched to be looked into");
    assert_eq!(kept.left_in_the_folder(), 0, "nothing that was given out stays");
}

#[actix_web::test]
async fn the_same_proof_is_put_there_once_and_again_when_it_is_about_to_be_old() {
    let kept = Kept::new();
    kept.portal.files.store(&proof("same")).unwrap();
    kept.bucket.asked();
    let hash = kept.portal.files.store(&proof("same")).unwrap().sha256;
    assert_eq!(kept.bucket.methods(), ["HEAD"]);
    kept.bucket.breaks_times(Some("HEAD"), Fault::Ages, 1);
    kept.portal.files.store(&proof("same")).unwrap();
    assert_eq!(kept.bucket.methods(), ["HEAD", "PUT", "HEAD"]);
    assert_eq!(kept.portal.files.list().unwrap(), [hash]);
}

/// The signature by AWS's own library, of the same request at the same time.
const SIGNATURE: &str = r#"
import datetime, json, sys
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
asked = json.load(sys.stdin)
at = datetime.datetime.strptime(asked['headers']['x-amz-date'], '%Y%m%dT%H%M%SZ')
import botocore.auth
botocore.auth.get_current_datetime = lambda *rest, **named: at
signed = asked['headers']['authorization'].split('SignedHeaders=')[1].split(',')[0].split(';')
headers = {name: asked['headers'][name] for name in signed if name not in ('x-amz-date',)}
request = AWSRequest(method=asked['method'], url='http://' + asked['headers']['host'] + asked['target'], headers=headers)
auth = S3SigV4Auth(Credentials('AKIDEXAMPLE', asked['secret']), 's3', 'us-east-1')
auth.payload = lambda request: asked['headers']['x-amz-content-sha256']
auth.add_auth(request)
print(request.headers['Authorization'])
"#;

#[test]
fn every_request_is_signed_as_the_library_of_aws_signs_it() {
    use std::io::Write;
    let kept = Kept::new();
    kept.bucket.asked();
    kept.portal.files.store(&proof("signed")).unwrap();
    kept.portal.files.list().unwrap();
    let asked = kept.bucket.asked();
    assert!(asked.iter().any(|asked| asked.target.contains("list-type=2&max-keys=1000&prefix=body%2F")));
    for asked in asked.iter().take(5) {
        let text = serde_json::json!({
            "method": asked.method, "target": asked.target, "headers": asked.headers, "secret": SECRET,
        });
        let mut python = Command::new(tools().join("bin/python"));
        let piped = || std::process::Stdio::piped();
        let mut child = python.args(["-c", SIGNATURE]).stdin(piped()).stdout(piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.to_string().as_bytes()).unwrap();
        let said = child.wait_with_output().unwrap();
        let theirs = String::from_utf8(said.stdout).unwrap();
        assert_eq!(
            theirs.trim().replace(", ", ","),
            asked.headers["authorization"],
            "{} {}",
            asked.method,
            asked.target
        );
    }
}

#[actix_web::test]
async fn a_check_finds_what_is_missing_or_altered_and_says_one_line_when_the_store_is_away() {
    let kept = Kept::new();
    let (owner, file) = reported(&kept, &proof("checked")).await;
    let broken = |words: &str| {
        let found: Vec<String> =
            check(&kept.portal).into_iter().flat_map(|checked| checked.problems).collect();
        assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
    };
    assert!(check(&kept.portal).iter().all(|checked| checked.problems.is_empty()));
    let mut altered = proof("checked");
    altered[3] ^= 1;
    kept.bucket.directly("PUT", &Bucket::key(&file.sha256), &altered);
    broken("altered");
    let page = owner.get(&format!("/evidence/{}", file.id)).await.expect(503);
    assert!(page.words().contains("missing or damaged"), "{}", page.words());
    kept.bucket.directly("DELETE", &Bucket::key(&file.sha256), b"");
    broken("missing");
    owner.get(&format!("/evidence/{}", file.id)).await.expect(503);
    // sending it again mends it
    kept.portal.files.store(&proof("checked")).unwrap();
    owner.get(&format!("/evidence/{}", file.id)).await.expect(200);
    kept.bucket.breaks(None, Fault::Answers(503));
    broken("cannot be asked");
}

#[actix_web::test]
async fn a_backup_fetches_the_proofs_and_a_restore_puts_them_into_another_bucket() {
    let kept = Kept::new();
    let (_, file) = reported(&kept, &proof("saved")).await;
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved.zip");
    assert_eq!(backup(&kept.portal, &saved, &mut to_the_end).unwrap().evidence, 1);
    let other = Bucket::new();
    let place = other.settings().check().unwrap();
    let (data, now) = (folder.path().join("data"), kept.portal.clock.now());
    // a restore that cannot reach the store leaves nothing, and can be done again
    other.breaks(None, Fault::Answers(403));
    assert!(restore(&saved, None, &data, &place, now, &mut to_the_end).is_err());
    assert!(!data.exists());
    other.is_whole_again();
    assert_eq!(restore(&saved, None, &data, &place, now, &mut to_the_end).unwrap().evidence, 1);
    assert_eq!(other.holds(&file.sha256).unwrap(), proof("saved"));
    assert!(data.join("portal.sqlite").is_file());
    assert!(!data.join("evidence").join(&file.sha256[..2]).exists(), "the folder has none");
    // and into a folder, as ever
    let data = folder.path().join("elsewhere");
    restore(&saved, None, &data, &EvidencePlace::Folder, now, &mut to_the_end).unwrap();
    assert!(data.join("evidence").join(&file.sha256[..2]).join(&file.sha256[2..]).is_file());
}

#[test]
fn a_start_asks_the_store_nothing_and_the_store_stands_among_what_is_watched() {
    let kept = Kept::new();
    assert_eq!(kept.bucket.methods(), Vec::<String>::new());
    let evidence =
        |kept: &Kept| vitals(&kept.portal).into_iter().find(|vital| vital.name == "evidence").unwrap();
    assert!(evidence(&kept).words.contains("answers"));
    assert!(vitals(&TestPortal::new()).iter().all(|vital| vital.name != "evidence"), "a folder is no store");
    let bucket = Bucket::new();
    let portal = TestPortal::with(|settings| {
        bucket.keeps(settings);
        settings.evidence.place = Some("s3://there-is-no-such-bucket".into());
    });
    let kept = Kept { people: portal.people(), portal, bucket };
    let vital = evidence(&kept);
    assert!(vital.words.contains("NoSuchBucket"), "{}", vital.words);
    assert_eq!(kept.bucket.methods().len(), 1, "one look, and no list of everything");
}
