//! Mails, and who was told what.

diesel::table! {
    mails (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        to_name -> Text,
        to_address -> Text,
        subject -> Text,
        body_text -> Text,
        body_html -> Text,
        message_id -> Text,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Timestamp,
        claimed_by -> Nullable<Text>,
        last_error -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        to_holder -> Bool,
        uninvited -> Bool,
        waits_until -> Nullable<Timestamp>,
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
        reported -> Bool,
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

diesel::table! {
    mail_holds (id) {
        id -> BigInt,
        backup_made_at -> Timestamp,
        held_at -> Timestamp,
        last_mail -> BigInt,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<BigInt>,
        discarded -> Nullable<BigInt>,
        cause -> Text,
    }
}

diesel::table! {
    mail_pauses (domain) {
        domain -> Text,
        times -> BigInt,
        began_at -> Timestamp,
        ends_at -> Timestamp,
        words -> Text,
    }
}

diesel::table! {
    bounce_mailboxes (mailbox) {
        mailbox -> Text,
        uid_validity -> BigInt,
        last_uid -> BigInt,
        to_mark -> Nullable<BigInt>,
        read_at -> Nullable<Timestamp>,
        failing_since -> Nullable<Timestamp>,
        hindering_uid -> Nullable<BigInt>,
        hindered -> BigInt,
    }
}

diesel::table! {
    delivery_reports (mail_id, report) {
        mail_id -> BigInt,
        report -> Text,
        read_at -> Timestamp,
    }
}

diesel::table! {
    discarded_mails (mail_id) {
        mail_id -> BigInt,
        discarded_at -> Timestamp,
    }
}

diesel::table! {
    notices_about_years (id) {
        id -> BigInt,
        certificate_id -> BigInt,
        year -> BigInt,
        kind -> Text,
        deadline -> Nullable<Date>,
        stage -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        approved -> Nullable<BigInt>,
        pending -> Nullable<BigInt>,
        required -> Nullable<BigInt>,
        day -> Nullable<Date>,
        at -> Nullable<Timestamp>,
        mail_id -> Nullable<BigInt>,
        holder_id -> Nullable<BigInt>,
        sent_by -> Nullable<BigInt>,
    }
}
