"""培训与证书: classes, trainees and the certificates they earn."""
