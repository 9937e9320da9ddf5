# For a tap of Homebrew. At a release, fill in version, checksum and where the image lies.
cask "nameplate" do
  version "1.0.0"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"

  url "https://nameplate.invalid/releases/#{version}/Nameplate-#{version}-arm64.dmg"
  name "Nameplate"
  desc "Label pictures by naming things"
  homepage "https://nameplate.invalid/"

  depends_on arch: :arm64
  depends_on macos: ">= :sonoma"

  app "Nameplate.app"
  binary "#{appdir}/Nameplate.app/Contents/MacOS/nameplate"

  # Projects, in ~/Library/Application Support/nameplate, are a person's work and stay.
  zap trash: [
    "~/Library/Caches/nameplate",
    "~/Library/Saved Application State/org.nameplate.Nameplate.savedState",
  ]
end
