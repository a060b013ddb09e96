module rival/bento

go 1.24

require github.com/warpstreamlabs/bento v1.20.0
