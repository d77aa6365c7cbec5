//! Who was told what, what came back, and what is held.

diesel::table! {
    year_notices (certificate_id, year, mail_id) {
        certificate_id -> BigInt,
        year -> BigInt,
        mail_id -> BigInt,
    }
}

diesel::table! {
    grants_told (mail_id) {
        mail_id -> BigInt,
        certificate_id -> BigInt,
    }
}

diesel::table! {
    bounces (id) {
        id -> BigInt,
        mail_id -> BigInt,
        account_id -> BigInt,
        address -> Text,
        words -> Text,
        noted_by -> Nullable<BigInt>,
        noted_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        resolved_at -> Nullable<Timestamp>,
        resolution -> Nullable<Text>,
    }
}

diesel::table! {
    holder_mail_holds (id) {
        id -> BigInt,
        held_at -> Nullable<Timestamp>,
        held_by -> Nullable<BigInt>,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<BigInt>,
        discarded -> Nullable<BigInt>,
    }
}

diesel::table! {
    verdicts_told (mail_id, activity_id) {
        mail_id -> BigInt,
        activity_id -> BigInt,
        kind -> Text,
        reason_code -> Nullable<Text>,
        reason -> Text,
        credits -> Nullable<BigInt>,
        awarded -> Nullable<BigInt>,
        was_approved -> Bool,
        told_before -> Bool,
    }
}
