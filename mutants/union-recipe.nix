# The article's recipe: rclone copies to a union.
import ../examples/article/pg-db-archive.nix
