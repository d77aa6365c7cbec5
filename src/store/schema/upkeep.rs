//! Tables about the upkeep of the whole: holds of mail after a restore, checks of the data.

diesel::table! {
    mail_holds (id) {
        id -> BigInt,
        backup_made_at -> Timestamp,
        held_at -> Timestamp,
        last_mail -> BigInt,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<BigInt>,
        discarded -> Nullable<BigInt>,
    }
}

diesel::table! {
    data_checks (id) {
        id -> BigInt,
        started_at -> Timestamp,
        finished_at -> Timestamp,
        invariants -> BigInt,
        broken -> BigInt,
    }
}

diesel::table! {
    data_check_findings (check_id, place) {
        check_id -> BigInt,
        place -> BigInt,
        invariant -> Text,
        found -> Text,
    }
}

diesel::table! {
    discarded_mails (mail_id) {
        mail_id -> BigInt,
        discarded_at -> Timestamp,
    }
}

diesel::table! {
    database_marks (id) {
        id -> BigInt,
        mark -> Text,
        changes -> BigInt,
    }
}
