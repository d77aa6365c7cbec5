DROP TABLE badge_sharing;
DROP TABLE status_lists;
DROP TRIGGER signed_badges_are_never_deleted;
DROP INDEX badges_revoked;
DROP TRIGGER signed_badges_keep_their_place;
DROP TABLE signed_badges;
